//! Who is in the story.
//! Refuses real companies and addresses that exist.

use crate::customers::NewCompany;

/// Ternlight's operator.
pub(super) const OPERATOR: (&str, &str) = ("lindqvist@ternlight.example", "R. Lindqvist");

/// The customer whose steps are shown.
pub(super) const JANA: (&str, &str) = ("jana@brightwater.example", "Jana Okafor");

/// The company that sales sells to in Zuora itself.
pub(super) const SOLD_TO: &str = "Mara Systems Oy";

/// The company whose steps are shown.
pub(super) fn brightwater() -> NewCompany {
    NewCompany {
        name: "Brightwater Labs GmbH".to_owned(),
        slug: "brightwater".to_owned(),
        contact: ("Jana".to_owned(), "Okafor".to_owned()),
        mail: JANA.0.to_owned(),
        country: "DE".to_owned(),
    }
}

/// All others; the first are there from the start, the rest come during the outages.
const COMPANIES: [(&str, &str, &str); 24] = [
    ("Kestrel Freight Ltd", "kestrel", "GB"),
    ("Example Hundred Inc", "hundred", "US"),
    ("Alder & Finch Architects", "alder-finch", "IE"),
    ("Bluestone Optics SA", "bluestone", "FR"),
    ("Cobalt Harbor Shipping", "cobalt", "NL"),
    ("Dovetail Joinery AB", "dovetail", "SE"),
    ("Ember Grid Energy", "ember-grid", "ES"),
    ("Foxglove Publishing", "foxglove", "GB"),
    ("Gantry Robotics GmbH", "gantry", "DE"),
    ("Hollis Water Works", "hollis", "US"),
    ("Inkwell Schools", "inkwell", "AT"),
    ("Juniper Trails BV", "juniper", "NL"),
    ("Kiln Street Ceramics", "kiln-street", "PT"),
    ("Larkspur Clinics", "larkspur", "BE"),
    ("Meridian Tea Company", "meridian", "IT"),
    ("Nettle Cycles ApS", "nettle", "DK"),
    ("Orchard Lane Foods", "orchard", "PL"),
    ("Pike & Otter Studios", "pike-otter", "FI"),
    ("Quarry Hill Stone", "quarry", "NO"),
    ("Rowan Instruments", "rowan", "CH"),
    ("Saltmarsh Ferries", "saltmarsh", "GB"),
    ("Thistle Knitwear", "thistle", "IE"),
    ("Umbra Lighting SpA", "umbra", "IT"),
    ("Vesper Observatory", "vesper", "ES"),
];

/// The companies besides the one whose steps are shown.
pub(super) fn companies() -> Vec<NewCompany> {
    let company = |(name, slug, country): &(&str, &str, &str)| NewCompany {
        name: (*name).to_owned(),
        slug: (*slug).to_owned(),
        contact: ("Accounts".to_owned(), "Payable".to_owned()),
        mail: format!("billing@{slug}.example"),
        country: (*country).to_owned(),
    };
    COMPANIES.iter().map(company).collect()
}
