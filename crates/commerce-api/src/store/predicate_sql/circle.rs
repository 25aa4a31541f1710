//! Great-circle distance, without functions that a database may lack.

use domain::predicate::{Circle, MAX_LATITUDE, MAX_LONGITUDE};

use super::{
    values::{JsonType, Place},
    writer::Writer,
};

/// Terms of the series; at π, where it converges worst, the rest is below 1e-17.
const TERMS: u32 = 16;

/// Writes that the GeoJSON point at the place lies in the circle.
///
/// Haversine: `hav(Δlatitude) + cos(latitude₁) · cos(latitude₂) · hav(Δlongitude) ≤ hav(radius)`, where
/// `hav(x) = sin²(x/2)`. SQLite may be built without `sin` and `cos`, so `hav` is written as a series in `x²`.
pub(super) fn within(writer: &mut Writer, point: Place<'_>, circle: &Circle) {
    let longitude = point.with(".coordinates[0]");
    let latitude = point.with(".coordinates[1]");
    writer.sql("CASE WHEN ");
    JsonType::Number.is(writer, &|writer| longitude.type_name(writer));
    writer.sql(" AND ");
    JsonType::Number.is(writer, &|writer| latitude.type_name(writer));
    writer.sql(" THEN CASE WHEN ");
    in_degrees(writer, longitude, MAX_LONGITUDE);
    writer.sql(" AND ");
    in_degrees(writer, latitude, MAX_LATITUDE);
    writer.sql(" THEN (SELECT ");
    haversine(writer, "lat");
    writer.sql(" + ");
    float(writer, circle.latitude.to_radians().cos());
    writer.sql(" * (1 - 2 * ");
    haversine(writer, "own");
    writer.sql(") * ");
    haversine(writer, "lng");
    writer.sql(" <= ");
    float(writer, circle.haversine());
    writer.sql(" FROM (SELECT ");
    squared_radians(writer, "lat", &|writer| {
        difference(writer, latitude, circle.latitude)
    });
    writer.sql(", ");
    squared_radians(writer, "own", &|writer| coordinate(writer, latitude));
    writer.sql(", ");
    squared_radians(writer, "lng", &|writer| {
        shorter_way(writer, longitude, circle.longitude)
    });
    writer.sql(") AS angles) ELSE FALSE END ELSE FALSE END");
}

/// Guards the cast below: a number of JSON can be larger than any float.
fn in_degrees(writer: &mut Writer, coordinate: Place<'_>, limit: f64) {
    writer.either("", "CAST(");
    coordinate.scalar(writer);
    writer.either("", " AS numeric)");
    writer.sql(&format!(" BETWEEN -{limit} AND {limit}"));
}

/// Rounded on PostgreSQL, as the centre is: it reports an underflow where something much smaller is squared.
fn coordinate(writer: &mut Writer, coordinate: Place<'_>) {
    writer.either("CAST(", "CAST(round(CAST(");
    coordinate.scalar(writer);
    writer.either(" AS REAL)", " AS numeric), 12) AS double precision)");
}

fn difference(writer: &mut Writer, place: Place<'_>, centre: f64) {
    writer.sql("(");
    coordinate(writer, place);
    writer.sql(" - ");
    float(writer, centre);
    writer.sql(")");
}

/// The difference of two longitudes the shorter way around, where the series converges fast.
fn shorter_way(writer: &mut Writer, place: Place<'_>, centre: f64) {
    writer.either("min(abs(", "least(abs(");
    difference(writer, place, centre);
    writer.sql("), 360 - abs(");
    difference(writer, place, centre);
    writer.sql("))");
}

fn squared_radians(writer: &mut Writer, name: &str, degrees: &dyn Fn(&mut Writer)) {
    let radian = std::f64::consts::PI / 180.0;
    degrees(writer);
    writer.sql(" * ");
    float(writer, radian);
    writer.sql(" * ");
    degrees(writer);
    writer.sql(" * ");
    float(writer, radian);
    writer.sql(&format!(" AS {name}"));
}

/// `hav(x)` of the column `squared` = `x²`: `x²/4 · (1 − x²/12 · (1 − x²/30 · (1 − x²/56 · …)))`.
fn haversine(writer: &mut Writer, squared: &str) {
    writer.sql(&format!("({squared} / 4"));
    for term in 1..TERMS {
        let divisor = (2 * term + 1) * (2 * term + 2);
        writer.sql(&format!(" * (1 - {squared} / {divisor}"));
    }
    for _ in 0..TERMS {
        writer.sql(")");
    }
}

fn float(writer: &mut Writer, value: f64) {
    writer.sql("CAST(");
    writer.text(value.to_string());
    writer.either(" AS REAL)", " AS double precision)");
}
