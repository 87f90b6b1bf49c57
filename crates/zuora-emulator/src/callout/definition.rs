//! Notification definitions and the history of callouts, as the API has them.
//! Refuses email: only callouts are emulated.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{BasicAuth, Definition};
use crate::call::Call;
use crate::error::Refusal;
use crate::json::Fields;

/// Parts of a definition that Zuora knows and that change nothing in what is emulated.
const ACCEPTED: &[&str] = &[
    "associatedAccount",
    "calloutActive",
    "communicationProfileId",
    "description",
    "emailActive",
    "emailTemplateId",
    "eventTypeNamespace",
    "filterRule",
    "filterRuleParams",
];

fn read_auth(callout: &mut Fields) -> Result<Option<BasicAuth>, Refusal> {
    let required = callout.flag("requiredAuth")?.unwrap_or(false);
    let Some(mut auth) = callout.maybe_object("calloutAuth")? else {
        return if required { Err(Refusal::missing("callout.calloutAuth")) } else { Ok(None) };
    };
    let read = BasicAuth {
        username: auth.text("username")?,
        password: auth.text("password")?,
        preemptive: auth.flag("preemptive")?.unwrap_or(false),
    };
    auth.finish(&["domain"])?;
    Ok(required.then_some(read))
}

fn read_params(callout: &mut Fields) -> Result<BTreeMap<String, String>, Refusal> {
    let Some(params) = callout.raw("calloutParams") else { return Ok(BTreeMap::new()) };
    let read = params.as_object().and_then(|params| {
        params.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    });
    read.ok_or_else(|| Refusal::invalid("callout.calloutParams", "an object of strings is expected"))
}

/// `POST /notifications/notification-definitions`
pub(crate) fn create(call: &mut Call) -> Result<Value, Refusal> {
    let body = std::mem::take(&mut call.body);
    let mut fields = Fields::of_body(&body)?;
    let (name, event) = (fields.text("name")?, fields.text("eventTypeName")?);
    let active = fields.flag("active")?.unwrap_or(true);
    let mut callout = fields.object("callout")?;
    let url = callout.text("calloutBaseurl")?;
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return Err(Refusal::invalid("callout.calloutBaseurl", "an absolute URL is expected"));
    }
    let method = callout.maybe_text("httpMethod")?.unwrap_or_else(|| "POST".to_owned());
    if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
        return Err(Refusal::invalid("callout.httpMethod", "it is not a method that callouts have"));
    }
    let definition = Definition {
        id: call.tenant.ids.id(),
        name,
        event,
        active: active && callout.flag("active")?.unwrap_or(true),
        url,
        method,
        params: read_params(&mut callout)?,
        retry: callout.flag("calloutRetry")?.unwrap_or(true),
        auth: read_auth(&mut callout)?,
        raw: body.clone(),
        created: call.now,
        updated: call.now,
    };
    callout.finish(&["calloutAgent", "description", "eventTypeName", "name"])?;
    fields.finish(ACCEPTED)?;
    let shown = definition.shown(call);
    call.tenant.definitions.push(definition);
    Ok(shown)
}

impl Definition {
    fn shown(&self, call: &Call) -> Value {
        let mut body = self.raw.clone();
        body["id"] = json!(self.id);
        body["name"] = json!(self.name);
        body["active"] = json!(self.active);
        body["createdOn"] = json!(call.tenant.offset(self.created));
        body["updatedOn"] = json!(call.tenant.offset(self.updated));
        if let Some(password) = body.pointer_mut("/callout/calloutAuth/password") {
            *password = json!("******");
        }
        body
    }
}

/// `GET /notifications/notification-definitions`
pub(crate) fn list(call: &mut Call) -> Result<Value, Refusal> {
    let data: Vec<Value> = call.tenant.definitions.iter().map(|one| one.shown(call)).collect();
    Ok(json!({"data": data, "next": null}))
}

/// `GET /notifications/notification-definitions/{id}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(0);
    let one =
        call.tenant.definitions.iter().find(|one| one.id == key).ok_or_else(|| Refusal::not_found(key))?;
    Ok(one.shown(call))
}

/// `DELETE /notifications/notification-definitions/{id}`
pub(crate) fn delete(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(0).to_owned();
    let before = call.tenant.definitions.len();
    call.tenant.definitions.retain(|one| one.id != key);
    if call.tenant.definitions.len() == before {
        return Err(Refusal::not_found(&key));
    }
    Ok(json!({ "success": true, "id": key }))
}

/// `GET /v1/notification-history/callout`
pub(crate) fn history(call: &mut Call) -> Result<Value, Refusal> {
    let failed_only = call.param("failedOnly") == Some("true");
    let rows: Vec<&super::queue::Attempt> = call.tenant.callouts.history().collect();
    let rows = rows.into_iter().rev().filter(|row| !failed_only || row.failed()).collect();
    let (rows, next) = call.page(rows)?;
    let shown: Vec<Value> = rows.into_iter().map(|row| row.shown(call.tenant)).collect();
    Ok(crate::call::with_next(json!({ "calloutHistories": shown }), next))
}
