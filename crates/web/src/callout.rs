//! Where Zuora's callouts arrive: checked for who sends them, stored raw, answered at once.
//! Refuses to act on what they say: they wake a sync that reads the truth.

use app::App;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::post;
use domain::callout::CALLOUT_BYTES_MAX;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use crate::api::body;
use crate::api::problem::Problem;
use crate::auth::ZuoraCallout;

/// The longest id of a notification: Zuora's are 32 characters.
const NOTIFICATION_LENGTH_MAX: usize = 128;

/// `/callouts/zuora`.
pub fn routes() -> Router<App> {
    Router::new().route("/callouts/zuora", post(receive))
}

async fn receive(
    State(app): State<App>,
    _zuora: ZuoraCallout,
    headers: HeaderMap,
    sent: Body,
) -> Result<impl IntoResponse, Problem> {
    let text = body::text(sent, CALLOUT_BYTES_MAX).await?;
    let parsed: serde_json::Value = body::parse(&text)?;
    if !parsed.is_object() {
        let hint = "Send one JSON object, as Zuora does.";
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "callout_not_an_object",
            "A callout is a JSON object.",
            hint,
        ));
    }
    let notification = headers.get("zuora-notification-id").and_then(|value| value.to_str().ok());
    let notification = notification.filter(|id| (1..=NOTIFICATION_LENGTH_MAX).contains(&id.len()));
    app::callout::receive(&app, notification, &text).await?;
    Ok(([(CONTENT_TYPE, "application/json")], "{\"success\":true}"))
}
