using Gtc.Artifacts.Tests.Bundles;

namespace Gtc.Artifacts.Tests.Building;

/// <summary>Source folders for builds.</summary>
internal static class Sources
{
    public const string Bundle = "schema_version: 1\nbundle_id: b\nbundle_name: b\n";
    public const string Pack = "pack_id: shop\nversion: 1.2.3\nkind: application\npublisher: us\nname: Shop\n";
    public const string Flow = """
        id: main
        type: messaging
        schema_version: 2
        tags: [default]
        nodes:
          ask:
            component.exec: {component: my.tool, input: "{{entry.text}}"}
            operation: run
            routing:
              - {status: ok, to: say}
              - {to: sorry}
          say:
            emit.response: {text: "{{prev.text}}"}
            err_map: {code: 1}
            routing: [{to: sorry}]
          sorry:
            emit.response: {text: sorry}
            routing: reply
        """;

    public static BundleFolder Small() => new BundleFolder()
        .With("bundle.yaml", Bundle)
        .With("packs/shop/pack.yaml", Pack)
        .With("packs/shop/flows/main.ygtc", Flow);

    public static BundleFolder Full() => Small()
        .With("README.md", "not packed")
        .With("packs/shop/README.md", "not packed")
        .With("packs/shop/old/left.gtpack", "not packed")
        .With("packs/shop/components/my.tool.wasm", [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
        .With("packs/shop/components/my.tool.json", """{"id":"ignored","version":"9.9.9","world":"w","capabilities":{"host":{"state":{"read":true}}}}""")
        .With("packs/shop/assets/cards/a.json", "{}")
        .With("packs/ready.gtpack", "as it is")
        .With("providers/messaging/gui.gtpack", "as it is too")
        .With("providers/deployer/tf.gtpack", "travels, never pinned")
        .With("tenants/acme/tenant.gmap", "_ = forbidden\nshop = public\n")
        .With("tenants/acme/teams/red/team.gmap", "shop = forbidden\n")
        .With("assets/logo.svg", "<svg/>")
        .With("i18n/en.json", "{}")
        .With("state/pack-configs/shop.json", "{}")
        .With("state/else.json", "not packed")
        .With(".git/config", "not packed");
}
