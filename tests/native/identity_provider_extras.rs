//! Around the realm's identity providers: what kinds and mapper types there are,
//! the metadata that a provider is given, and keys that are read or uploaded.
use crate::admin_setup::{TRAVEL0, assert_guarded, holder_of, nobody};
use crate::harness::browser::{Answer, json_request};
use crate::harness::world::World;
use crate::scim_setup::{admin, travel0};
use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

const INSTANCES: &str = "/admin/realms/travel0/identity-provider/instances";
const UPLOAD: &str = "/admin/realms/travel0/identity-provider/upload-certificate";
const CERTIFICATE: &str = include_str!("../fixtures/keys/rsa2048-1.crt");

fn make(world: &World, alias: &str, kind: &str, config: &Value) {
    let body = json!({ "alias": alias, "providerId": kind, "config": config });
    assert_eq!(world.post(INSTANCES, &admin(world), &body).status, 201, "{body}");
}

fn of(world: &World, alias: &str, what: &str) -> Answer {
    world.get(&format!("{INSTANCES}/{alias}/{what}"), &admin(world))
}

#[test]
fn a_provider_tells_which_mappers_it_can_have_and_what_they_take() {
    let world = travel0();
    make(&world, "okta", "oidc", &json!({}));
    make(&world, "adfs", "saml", &json!({}));

    let types = of(&world, "okta", "mapper-types").json();
    let importer = &types["oidc-user-attribute-idp-mapper"];
    assert_eq!(importer["id"], "oidc-user-attribute-idp-mapper");
    assert_eq!(importer["category"], "Attribute Importer");
    assert_eq!(
        importer["properties"][2],
        json!({
            "name": "allow.nullable.property", "label": "Allow Nullable Property",
            "helpText": "Whether nothing there empties the field here.", "type": "boolean",
            "defaultValue": "false", "secret": false, "required": false, "readOnly": false,
        })
    );
    assert!(types["oidc-advanced-org-role-idp-mapper"]["properties"][4]["name"] == "org_role");
    assert_eq!(types.get("saml-role-idp-mapper"), None);
    let types = of(&world, "adfs", "mapper-types").json();
    let format = &types["saml-user-attribute-idp-mapper"]["properties"][2];
    assert_eq!(format["options"][0], "ATTRIBUTE_FORMAT_BASIC");
    assert_eq!(types.get("oidc-role-idp-mapper"), None);
    assert_eq!(of(&world, "nobody", "mapper-types").status, 404);
}

#[test]
fn a_kind_of_provider_tells_what_only_it_takes() {
    let world = travel0();
    let kind = |name: &str| {
        world.get(&format!("{TRAVEL0}/identity-provider/providers/{name}"), &admin(&world))
    };
    let expected = json!({ "id": "saml", "name": "SAML v2.0", "configProperties": [],
                           "helpText": "", "configMetadata": [] });
    assert_eq!(kind("saml").json(), expected);
    assert_eq!(kind("microsoft").json()["configProperties"][1]["name"], "tenantId");
    let unknown = kind("kerberos");
    assert_eq!((unknown.status.as_u16(), unknown.error().as_str()), (400, "HTTP 400 Bad Request"));
}

#[test]
fn providers_are_listed_by_what_they_are_good_for_and_briefly() {
    let world = travel0();
    make(&world, "okta", "oidc", &json!({ "clientId": "guildhall" }));
    let list = |query: &str| world.get(&format!("{INSTANCES}?{query}"), &admin(&world));
    for query in ["", "type=ANY", "type=USER_AUTHENTICATION", "type=&capability=USER_LINKING"] {
        let listed = list(query).json();
        assert_eq!(listed[0]["types"], json!(["USER_AUTHENTICATION"]), "{query}");
    }
    assert_eq!(list("type=CLIENT_ASSERTION").json(), json!([]));
    for query in ["type=FLYING", "capability=FLYING", "type=CLIENT_ASSERTION&max=ten"] {
        assert_eq!(list(query).status, 400, "{query}");
    }
    let brief = list("briefRepresentation=true").json();
    assert_eq!((&brief[0]["alias"], &brief[0]["config"]), (&json!("okta"), &json!({})));
    assert_eq!(brief[0].get("trustEmail"), None);
}

#[test]
fn a_saml_provider_is_given_metadata_of_us_and_another_nothing() {
    let world = travel0();
    make(&world, "okta", "oidc", &json!({}));
    let empty = of(&world, "okta", "export");
    assert_eq!((empty.status.as_u16(), empty.text.as_str()), (204, ""));

    make(&world, "adfs", "saml", &json!({ "wantAssertionsSigned": "true" }));
    let mapper = json!({ "name": "m", "identityProviderMapper": "saml-user-attribute-idp-mapper",
                         "config": { "attribute.name": "<dept>&\"", "attribute.name.format": "ATTRIBUTE_FORMAT_URI" } });
    world.post(&format!("{INSTANCES}/adfs/mappers"), &admin(&world), &mapper);
    let metadata = of(&world, "adfs", "export");
    assert_eq!(metadata.header("content-type"), "application/xml");
    let document = roxmltree::Document::parse(&metadata.text).unwrap();
    let find =
        |name: &str| document.descendants().find(|node| node.tag_name().name() == name).unwrap();
    let issuer = "http://localhost:8787/realms/travel0";
    assert_eq!(find("EntityDescriptor").attribute("entityID"), Some(issuer));
    assert_eq!(find("SPSSODescriptor").attribute("WantAssertionsSigned"), Some("true"));
    let consumer = find("AssertionConsumerService").attribute("Location").unwrap();
    assert_eq!(consumer, format!("{issuer}/broker/adfs/endpoint"));
    let asked = find("RequestedAttribute");
    assert_eq!(asked.attribute("Name"), Some("<dept>&\""));
    assert!(asked.attribute("NameFormat").unwrap().ends_with(":uri"));
    assert_eq!(of(&world, "nobody", "export").status, 404);
}

#[test]
fn keys_are_read_again_where_the_provider_publishes_some() {
    let world = travel0();
    let config =
        |url: &str| json!({ "validateSignature": "true", "useJwksUrl": "true", "jwksUrl": url });
    world.serve("https://idp.example/keys", 200, r#"{"keys":[{"kty":"RSA"}]}"#);
    world.serve("https://idp.example/none", 200, r#"{"keys":[]}"#);
    world.serve("https://idp.example/gone", 404, r#"{"keys":[{"kty":"RSA"}]}"#);
    for (alias, kind, config, expected) in [
        ("has", "oidc", config("https://idp.example/keys"), true),
        ("empty", "oidc", config("https://idp.example/none"), false),
        ("gone", "oidc", config("https://idp.example/gone"), false),
        ("nowhere", "oidc", config("https://idp.example/nowhere"), false),
        ("social", "github", config("https://idp.example/keys"), false),
        ("own", "oidc", json!({ "jwksUrl": "https://idp.example/keys" }), false),
        ("saml", "saml", config("https://idp.example/keys"), false),
    ] {
        make(&world, alias, kind, &config);
        let reloaded = of(&world, alias, "reload-keys");
        assert_eq!(reloaded.status, 200, "{alias}");
        assert_eq!(reloaded.json(), json!(expected), "{alias}");
    }
    assert_eq!(of(&world, "nobody", "reload-keys").status, 404);
}

fn upload(token: &str, fields: &[(&str, &str)]) -> Request<Bytes> {
    let part = |(name, value): &(&str, &str)| {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"f\"");
        format!("--x\r\n{head}\r\n\r\n{value}\r\n")
    };
    let form: String = fields.iter().map(part).collect::<String>() + "--x--\r\n";
    let mut request = json_request(Method::POST, UPLOAD, token, None).map(|_| form.into());
    let multipart = "multipart/form-data; boundary=x".parse().unwrap();
    request.headers_mut().insert("content-type", multipart);
    request
}

#[test]
fn an_uploaded_certificate_is_answered_as_it_is_configured() {
    let world = travel0();
    let token = admin(&world);
    let send = |fields: &[(&str, &str)]| Answer::new(world.send(upload(&token, fields)));
    let before = world.dump();

    let read = send(&[("keystoreFormat", "Certificate PEM"), ("file", CERTIFICATE)]);
    assert_eq!(read.status, 200, "{read:?}");
    let bare: String = CERTIFICATE.lines().filter(|line| !line.starts_with('-')).collect();
    assert_eq!(read.json(), json!({ "certificate": bare }));
    let keys = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "k1",
                                  "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] });
    let set = send(&[("keystoreFormat", "JSON Web Key Set"), ("file", &keys.to_string())]).json();
    assert_eq!((&set["kid"], &set["jwks"]), (&json!("k1"), &json!(keys.to_string())));
    assert!(set["publicKey"].as_str().unwrap().starts_with("MCow"));

    let form = [("keystoreFormat", "Certificate PEM"), ("file", CERTIFICATE)];
    let mut request = crate::harness::browser::form_request(UPLOAD, &form);
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    assert_eq!(Answer::new(world.send(request)).json(), read.json());

    for fields in [
        &[("file", CERTIFICATE)][..],
        &[("keystoreFormat", "Certificate PEM")],
        &[("keystoreFormat", "Certificate PEM"), ("file", "")],
        &[("keystoreFormat", "Certificate PEM"), ("file", "MIIB")],
        &[("keystoreFormat", "Public Key PEM"), ("file", CERTIFICATE)],
        &[("keystoreFormat", "JSON Web Key Set"), ("file", "{}")],
        &[("keystoreFormat", "JKS"), ("file", "\u{fe}\u{ed}")],
    ] {
        let refused = send(fields);
        assert_eq!(refused.status, 400, "{fields:?}");
        assert!(refused.json()["errorMessage"].is_string(), "{refused:?}");
    }
    assert_eq!(world.dump(), before, "nothing is stored");
}

#[test]
fn each_path_around_providers_is_guarded() {
    let world = travel0();
    make(&world, "okta", "oidc", &json!({}));
    let nobody = nobody(&world);
    let viewer = holder_of(&world, &["view-identity-providers"]);
    let other = holder_of(&world, &["manage-realm"]);
    let place = format!("{INSTANCES}/okta");
    for (method, path, viewers_may) in [
        (Method::GET, format!("{place}/mapper-types"), true),
        (Method::GET, format!("{place}/export"), true),
        (Method::GET, format!("{place}/reload-keys"), false),
        (Method::GET, format!("{TRAVEL0}/identity-provider/providers/oidc"), true),
        (Method::POST, UPLOAD.to_owned(), false),
    ] {
        assert_guarded(&world, &method, &path, &[&nobody, &other]);
        let looked = world.call(method.clone(), &path, &viewer, None);
        assert_eq!(looked.status != 403, viewers_may, "{method} {path}: {looked:?}");
    }
}
