using Gtc.Artifacts.Building;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Statics;

/// <summary>Bundles whose pack serves files at <c>/v1/web/docs</c> and, for its tenant, at <c>/v1/web/shop/{tenant}</c>.</summary>
internal static class SiteLab
{
    public const string Routes =
        """
                - {id: docs, public_path: /v1/web/docs, source_root: assets/docs, index_file: index.html, cache: {strategy: public-max-age, max_age_seconds: 60}}
                - {id: shop, public_path: "/v1/web/shop/{tenant}", source_root: assets/shop, index_file: index.html, spa_fallback: index.html, scope: {tenant: true, team: false}}
        """;

    /// <summary>Builds a bundle, each of whose pages says a word.</summary>
    public static async Task<Outcome<BuiltBundle>> BuildAsync(WorkerLab lab, string word, string routes = Routes)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var source = Directory.CreateDirectory(lab.PathTo($"source-{word}")).FullName;
        var pack = Path.Combine(source, "packs", "site");
        foreach (var (path, text) in new[]
        {
            ("pack.yaml", $"pack_id: site\nversion: 0.1.0\nkind: application\npublisher: tests\nextensions:\n  greentic.static-routes.v1:\n    inline:\n      version: 1\n      routes:\n{routes}\n"),
            ("assets/docs/index.html", $"<h1>docs {word}</h1>"),
            ("assets/docs/sub/index.html", $"<h1>sub {word}</h1>"),
            ("assets/docs/letters.txt", "abcdefghij"),
            ("assets/docs/a b.css", "body{}"),
            ("assets/docs/blob", "?"),
            ("assets/shop/index.html", $"<h1>shop {word}</h1>"),
            ("assets/shop/app.js", "1"),
            ("assets/hidden.txt", "hidden"),
        })
        {
            var file = Path.Combine(pack, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text, cancellationToken);
        }

        await File.WriteAllTextAsync(Path.Combine(source, "bundle.yaml"), "schema_version: 1\nbundle_id: site\nbundle_name: site\n", cancellationToken);
        return await BundleBuilder.BuildAsync(source, lab.PathTo($"{word}.gtbundle"), "test", cancellationToken);
    }
}
