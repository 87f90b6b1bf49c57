//! Zuora's error codes: six digits of resource, two of category.
//! Only the category decides anything; the resource tells Zuora's support where to look.

/// What kind of refusal a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// 10: the user may not do this.
    Permission,
    /// 11: the credentials or the token are not accepted.
    Authentication,
    /// 20: a field's value.
    InvalidValue,
    /// 21: a field that does not exist.
    UnknownField,
    /// 22: a field that is missing.
    MissingField,
    /// 23: a parameter that is missing.
    MissingParameter,
    /// 27: a query parameter's value.
    InvalidParameter,
    /// 30: a rule of the business.
    BusinessRule,
    /// 40: nothing under that key.
    NotFound,
    /// 45: not this method, or not this media type.
    UnsupportedMethod,
    /// 50: somebody else is writing the same object.
    Locked,
    /// 60: Zuora's own mistake.
    Internal,
    /// 61: Zuora's own mistake, and it expects to recover.
    Temporary,
    /// 70: too many requests.
    LimitExceeded,
    /// 90: the body cannot be read.
    Malformed,
    /// 99: what stands behind Zuora failed, a gateway or a tax engine.
    Integration,
    /// A category that Zuora has not documented.
    Undocumented(u8),
}

impl Category {
    /// The category of a code.
    ///
    /// A rate-limit answer carries the bare category as its code; the rule is the same.
    ///
    /// ```
    /// use zuora::Category;
    /// assert_eq!(Category::of(53500050), Category::Locked);
    /// assert_eq!(Category::of(70), Category::LimitExceeded);
    /// ```
    #[must_use]
    pub fn of(code: i64) -> Self {
        match code.rem_euclid(100) {
            10 => Self::Permission,
            11 => Self::Authentication,
            20 => Self::InvalidValue,
            21 => Self::UnknownField,
            22 => Self::MissingField,
            23 => Self::MissingParameter,
            27 => Self::InvalidParameter,
            30 => Self::BusinessRule,
            40 => Self::NotFound,
            45 => Self::UnsupportedMethod,
            50 => Self::Locked,
            60 => Self::Internal,
            61 => Self::Temporary,
            70 => Self::LimitExceeded,
            90 => Self::Malformed,
            99 => Self::Integration,
            other => Self::Undocumented(u8::try_from(other).unwrap_or(u8::MAX)),
        }
    }
}
