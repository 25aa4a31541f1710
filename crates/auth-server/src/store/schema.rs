//! The tables that only this server uses; those of both servers are in `shared::db::schema`.

diesel::table! {
    api_clients (id) {
        id -> Text,
        project_key -> Text,
        name -> Text,
        scope -> Text,
        access_token_seconds -> Nullable<BigInt>,
        refresh_token_seconds -> Nullable<BigInt>,
        refresh_token_mode -> Text,
        access_token_format -> Text,
        grace_seconds -> BigInt,
        created_at -> BigInt,
        delete_at -> Nullable<BigInt>,
        last_used_on -> Nullable<Text>,
        is_public -> Bool,
        redirect_uris -> Text,
        allowed_origins -> Nullable<Text>,
    }
}

diesel::table! {
    authorization_codes (hash) {
        hash -> Text,
        client_id -> Text,
        redirect_uri -> Text,
        is_redirect_uri_named -> Bool,
        challenge -> Text,
        customer_id -> Text,
        scope -> Text,
        store_key -> Nullable<Text>,
        authorized_by -> Text,
        key_thumbprint -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        session_id -> Nullable<Text>,
    }
}

diesel::table! {
    client_secrets (client_id, tag) {
        client_id -> Text,
        tag -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
    }
}
