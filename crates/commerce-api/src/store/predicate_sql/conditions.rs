//! Conditions and tests on JSON.

use domain::predicate::{
    Check, Condition, Decimal, Elements, FieldTest, Operand, Order, Segment, Spread,
};
use shared::db::Dialect;

use super::{
    circle, columns,
    values::{Base, JsonType, Place},
    writer::Writer,
};

pub(super) fn all(writer: &mut Writer, conditions: &[&Condition], base: &Base) {
    writer.joined(conditions, " AND ", &mut |writer, part| {
        condition(writer, part, *base);
    });
}

fn condition(writer: &mut Writer, condition: &Condition, base: Base) {
    match condition {
        Condition::All(parts) => connected(writer, parts, " AND ", "TRUE", base),
        Condition::Any(parts) => connected(writer, parts, " OR ", "FALSE", base),
        Condition::Not(inner) => {
            // A column may be NULL: then what is negated does not hold.
            writer.sql("NOT COALESCE(");
            self::condition(writer, inner, base);
            writer.sql(", FALSE)");
        }
        Condition::Some {
            path,
            elements,
            inner,
        } => some(writer, path, *elements, inner, base),
        Condition::Field(test) => field(writer, test, base),
    }
}

fn connected(writer: &mut Writer, parts: &[Condition], operator: &str, for_none: &str, base: Base) {
    if parts.is_empty() {
        return writer.sql(for_none);
    }
    writer.joined(parts, operator, &mut |writer, part| {
        condition(writer, part, base);
    });
}

fn some(writer: &mut Writer, path: &[Segment], elements: Elements, inner: &Condition, base: Base) {
    let alias = writer.alias();
    let place = Place::new(base, path);
    writer.sql("EXISTS (SELECT 1 FROM (");
    if elements == Elements::Variants {
        master(writer, base, path);
        writer.sql(" UNION ALL ");
    }
    // Elements that are no objects have no fields; SQLite could not look into them.
    writer.either(
        "SELECT CASE WHEN type = 'object' THEN value END AS j FROM ",
        "SELECT j FROM ",
    );
    place.elements(writer, elements == Elements::OneOrMany);
    writer.either("", " AS each(j)");
    writer.sql(&format!(") AS e{alias} WHERE "));
    condition(writer, inner, Base::Element(alias));
    writer.sql(")");
}

/// A row with the object `masterVariant` beside the array at the path, if there is one.
fn master(writer: &mut Writer, base: Base, path: &[Segment]) {
    let beside = path.split_last().map_or(path, |(_, beside)| beside);
    let master = Place::new(base, beside).with(".masterVariant");
    writer.sql("SELECT ");
    master.json(writer);
    writer.sql(" AS j WHERE ");
    JsonType::Object.is(writer, &|writer| master.type_name(writer));
}

fn field(writer: &mut Writer, test: &FieldTest, base: Base) {
    if let Some(statement) = columns::test(test, writer.dialect) {
        return writer.append(statement);
    }
    let place = Place::new(base, &test.path);
    match &test.check {
        Check::Compare(spread, order, operand) => {
            let wanted = Wanted::compared(*order, operand);
            spread_over(writer, place, *spread, &wanted);
        }
        Check::OneOf(spread, operands) => {
            let wanted = Wanted::one_of(operands);
            spread_over(writer, place, *spread, &wanted);
        }
        Check::Each(wanted) => has_each(writer, place, wanted),
        Check::Defined => {
            writer.sql("COALESCE(");
            place.type_name(writer);
            writer.sql(" <> 'null', FALSE)");
        }
        Check::Empty => length(writer, place, " = 0"),
        Check::NotEmpty => length(writer, place, " > 0"),
        Check::Within(area) => circle::within(writer, place, area),
    }
}

/// That an array has all of some values, each in one of its forms: one bound array of arrays, however many there are.
fn has_each(writer: &mut Writer, place: Place<'_>, wanted: &[Vec<Operand>]) {
    let alias = writer.alias();
    let forms = |operands: &Vec<Operand>| {
        columns::json_array(operands.iter().flat_map(columns::json_forms))
    };
    let values = columns::json_array(wanted.iter().map(forms));
    writer.sql("CASE WHEN ");
    JsonType::Array.is(writer, &|writer| place.type_name(writer));
    writer.sql(" THEN NOT EXISTS (SELECT 1 FROM ");
    writer.either("json_each(", "jsonb_array_elements(CAST(");
    writer.text(values);
    writer.either(
        &format!(") AS w{alias} WHERE NOT EXISTS (SELECT 1 FROM json_each(w{alias}.value) AS f{alias}, json_each("),
        &format!(
            " AS jsonb)) AS w{alias}(j) WHERE NOT EXISTS (SELECT 1 FROM jsonb_array_elements(w{alias}.j) AS f{alias}(j) WHERE "
        ),
    );
    place.json(writer);
    writer.either(
        &format!(
            ") AS e{alias} WHERE e{alias}.value = f{alias}.value AND CASE WHEN f{alias}.type IN ('integer', 'real') \
             THEN e{alias}.type IN ('integer', 'real') ELSE e{alias}.type = f{alias}.type END"
        ),
        &format!(" @> f{alias}.j"),
    );
    writer.sql(")) ELSE FALSE END");
}

fn length(writer: &mut Writer, place: Place<'_>, compared: &str) {
    writer.sql("CASE WHEN ");
    JsonType::Array.is(writer, &|writer| place.type_name(writer));
    writer.sql(" THEN ");
    place.length(writer);
    writer.sql(compared);
    writer.sql(" ELSE FALSE END");
}

/// What a value must be, by its type.
struct Wanted<'o> {
    order: Order,
    one_of: bool,
    texts: Vec<String>,
    numbers: Vec<&'o Decimal>,
    booleans: Vec<bool>,
}

impl<'o> Wanted<'o> {
    fn compared(order: Order, operand: &'o Operand) -> Self {
        let mut wanted = Self {
            order,
            ..Self::one_of(std::slice::from_ref(operand))
        };
        wanted.one_of = false;
        if order != Order::Equal {
            wanted.booleans.clear();
        }
        wanted
    }

    fn one_of(operands: &'o [Operand]) -> Self {
        let mut wanted = Self {
            order: Order::Equal,
            one_of: true,
            texts: Vec::new(),
            numbers: Vec::new(),
            booleans: Vec::new(),
        };
        for operand in operands {
            match operand {
                Operand::Text(text) => wanted.texts.push(text.clone()),
                Operand::Instant(instant) => wanted.texts.push(instant.to_string()),
                Operand::Number(number) => wanted.numbers.push(number),
                Operand::Boolean(value) => wanted.booleans.push(*value),
                Operand::Untyped {
                    text,
                    number,
                    boolean,
                } => {
                    wanted.texts.push(text.clone());
                    wanted.numbers.extend(number);
                    wanted.booleans.extend(boolean);
                }
            }
        }
        wanted
    }
}

fn spread_over(writer: &mut Writer, place: Place<'_>, spread: Spread, wanted: &Wanted<'_>) {
    if spread == Spread::Itself {
        let type_name = |writer: &mut Writer| place.type_name(writer);
        let scalar = |writer: &mut Writer| place.scalar(writer);
        return fits(writer, &type_name, &scalar, wanted);
    }
    let alias = writer.alias();
    writer.sql("EXISTS (SELECT 1 FROM ");
    place.elements(writer, spread == Spread::OneOrMany);
    writer.sql(&format!(" AS e{alias}"));
    writer.either("", "(j)");
    writer.sql(" WHERE ");
    let type_name = |writer: &mut Writer| {
        writer.either(
            &format!("e{alias}.type"),
            &format!("jsonb_typeof(e{alias}.j)"),
        );
    };
    let scalar = |writer: &mut Writer| {
        writer.either(
            &format!("e{alias}.value"),
            &format!("(e{alias}.j #>> '{{}}')"),
        );
    };
    fits(writer, &type_name, &scalar, wanted);
    writer.sql(")");
}

/// Writes that a scalar is what is wanted; one of another type is not.
fn fits(
    writer: &mut Writer,
    type_name: &dyn Fn(&mut Writer),
    scalar: &dyn Fn(&mut Writer),
    wanted: &Wanted<'_>,
) {
    if wanted.texts.is_empty() && wanted.numbers.is_empty() && wanted.booleans.is_empty() {
        return writer.sql("FALSE");
    }
    writer.sql("CASE");
    if !wanted.texts.is_empty() {
        arm(writer, JsonType::Text, type_name);
        text_fits(writer, scalar, wanted);
    }
    if !wanted.numbers.is_empty() {
        arm(writer, JsonType::Number, type_name);
        number_fits(writer, scalar, wanted);
    }
    if !wanted.booleans.is_empty() {
        arm(writer, JsonType::Boolean, type_name);
        boolean_fits(writer, type_name, scalar, wanted);
    }
    writer.sql(" ELSE FALSE END");
}

fn arm(writer: &mut Writer, of: JsonType, type_name: &dyn Fn(&mut Writer)) {
    writer.sql(" WHEN ");
    of.is(writer, type_name);
    writer.sql(" THEN ");
}

fn text_fits(writer: &mut Writer, scalar: &dyn Fn(&mut Writer), wanted: &Wanted<'_>) {
    scalar(writer);
    // By bytes, as SQLite does.
    writer.either("", " COLLATE \"C\"");
    if !wanted.one_of {
        writer.sql(columns::operator(wanted.order));
        wanted
            .texts
            .iter()
            .take(1)
            .for_each(|text| writer.text(text.as_str()));
        return;
    }
    let values = columns::json_array(wanted.texts.iter().map(|text| columns::json_text(text)));
    writer.either(
        " IN (SELECT value FROM json_each(",
        " = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST(",
    );
    writer.text(values);
    writer.either("))", " AS jsonb))))");
}

fn number_fits(writer: &mut Writer, scalar: &dyn Fn(&mut Writer), wanted: &Wanted<'_>) {
    writer.either("", "CAST(");
    scalar(writer);
    writer.either("", " AS numeric)");
    if !wanted.one_of {
        writer.sql(columns::operator(wanted.order));
        wanted
            .numbers
            .iter()
            .take(1)
            .for_each(|wanted| number(writer, wanted));
        return;
    }
    let values = columns::json_array(wanted.numbers.iter().map(ToString::to_string));
    writer.either(
        " IN (SELECT value FROM json_each(",
        " = ANY(ARRAY(SELECT CAST(jsonb_array_elements_text(CAST(",
    );
    writer.text(values);
    writer.either("))", " AS jsonb)) AS numeric)))");
}

/// A bound number: on SQLite, what the reader of JSON would have made of it.
fn number(writer: &mut Writer, value: &Decimal) {
    if let (Dialect::Sqlite, Some(integer)) = (writer.dialect, value.integer()) {
        return writer.big_int(integer);
    }
    let (before, after) = columns::number_cast(writer.dialect);
    writer.sql(before);
    writer.text(value.to_string());
    writer.sql(after);
}

fn boolean_fits(
    writer: &mut Writer,
    type_name: &dyn Fn(&mut Writer),
    scalar: &dyn Fn(&mut Writer),
    wanted: &Wanted<'_>,
) {
    // SQLite names the value in the type.
    match writer.dialect {
        Dialect::Sqlite => type_name(writer),
        Dialect::Postgres => scalar(writer),
    }
    let truths: Vec<&str> = [(true, "'true'"), (false, "'false'")]
        .iter()
        .filter(|(value, _)| wanted.booleans.contains(value))
        .map(|(_, literal)| *literal)
        .collect();
    writer.sql(&format!(" IN ({})", truths.join(", ")));
}
