//! Tables that both servers use.

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        algorithm -> Text,
        state -> Text,
        public_jwk -> Text,
        sealed_key -> Nullable<Text>,
        created_at -> BigInt,
        activated_at -> Nullable<BigInt>,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    opaque_access_tokens (hash) {
        hash -> Text,
        claims -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    revoked_tokens (jti) {
        jti -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        project_key -> Text,
        anonymous_id -> Nullable<Text>,
        customer_id -> Nullable<Text>,
        client_id -> Text,
        store_key -> Nullable<Text>,
        scope -> Text,
        state -> Text,
        state_reason -> Nullable<Text>,
        generation -> BigInt,
        created_at -> BigInt,
        last_used_at -> BigInt,
        idle_expires_at -> BigInt,
        absolute_expires_at -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>,
        key_thumbprint -> Nullable<Text>,
        root_idle_expires_at -> Nullable<BigInt>,
        authorized_by -> Nullable<Text>,
    }
}

diesel::table! {
    anonymous_ids (project_key, anonymous_id) {
        project_key -> Text,
        anonymous_id -> Text,
        origin -> Text,
    }
}

diesel::table! {
    customer_credentials (project_key, customer_id) {
        project_key -> Text,
        customer_id -> Text,
        password_hash -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    unique_values (project_key, namespace, value) {
        project_key -> Text,
        namespace -> Text,
        value -> Text,
        kind -> Text,
        document_id -> Text,
    }
}
