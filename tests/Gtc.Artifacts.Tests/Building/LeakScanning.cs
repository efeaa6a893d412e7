using System.Text;
using Gtc.Artifacts.Building;
using Gtc.Artifacts.Tests.Bundles;
using Gtc.Artifacts.Tests.Packs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.Building;

public sealed class LeakScanning
{
    // Put together at run time: this file must pass the scan of the repository's own sources.
    private const string Random40 = "q7Zt1Lw9Xc3Vb5Nm8Kj2Hg4Fd6Sa0PoIuYtRe3W1";

    private static readonly char[] Blank = [' '];

    public static TheoryData<string, string, string> Leaks => new()
    {
        { "private-key", "a.pem", Pem("PRIVATE KEY") },
        { "private-key", "a.txt", Pem("RSA PRIVATE KEY") },
        { "private-key", "a.txt", Pem("OPENSSH PRIVATE KEY") },
        { "private-key", "a.txt", Pem("ENCRYPTED PRIVATE KEY") },
        { "private-key", "a.creds", Pem("USER NKEY SEED") },
        { "private-key", "a.json", Pem("PRIVATE KEY").Replace("\n", "\\n", StringComparison.Ordinal) },
        { "private-key", "a.yaml", "key: |\n" + Pem("EC PRIVATE KEY").Replace("\n", "\n        ", StringComparison.Ordinal) },
        { "private-key", "a.txt", Pem("RSA PRIVATE KEY").Replace("-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", StringComparison.Ordinal) },
        { "aws-access-key", "readme.md", "use " + "AKIA" + "Z7QX3WV5NM8KJ2HG" + "." },
        { "aws-secret-key", "credentials", "aws_secret_access_key = " + Random40 },
        { "github-token", "a.txt", "ghp_" + Random40[..36] },
        { "github-token", "a.txt", "github_pat_" + Random40 },
        { "gitlab-token", "a.txt", "glpat-" + Random40[..20] },
        { "slack-token", "a.txt", "xoxb-" + "123456789012-" + Random40[..24] },
        { "slack-webhook", "a.txt", "https://hooks.slack.com/services/" + "T0A1B2C3D/B4E5F6G7H/" + Random40[..24] },
        { "telegram-bot-token", "a.txt", "123456789:" + "AA" + Random40[..33] },
        { "stripe-key", "a.txt", "sk_live_" + Random40[..24] },
        { "google-api-key", "a.js", "AIza" + Random40[..35] },
        { "llm-api-key", "a.txt", "sk-ant-" + Random40 },
        { "json-web-token", "a.txt", "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0." + Random40 },
        { "secret-value", "a.yaml", "db_password: " + "xK9#mQ2v!Lp7Zr4T".Replace("#", "$", StringComparison.Ordinal) },
        { "secret-value", "a.json", "{\"api_key\": \"" + Random40[..20] + "\"}" },
        { "secret-value", "app.env", "export CLIENT_SECRET=" + Random40[..24] },
        { "dotenv-file", ".env", "DEBUG=1\n" },
        { "dotenv-file", "web/.env.production", "DEBUG=1\n" },
        { "dev-secrets-file", "copy.txt", "SECRETS_BACKEND_STATE=" + Random40 },
    };

    public static TheoryData<string, string> Harmless => new()
    {
        { "a.pem", "-----BEGIN PUBLIC KEY-----\n" + Random40 + Random40 + "\n" },
        { "a.md", "A file starts with `-----BEGIN PRIVATE KEY-----`." },
        { "a.md", "AKIA" + "IOSFODNN7EXAMPLE" },
        { "a.md", "AKIA" + "XXXXXXXXXXXXXXXX" },
        { "a.md", "ghp_" + new string('x', 36) },
        { "a.yaml", "password: ${DB_PASSWORD_FROM_VAULT_1}" },
        { "a.yaml", "token: \"{{ .Values.token1234567890 }}\"" },
        { "a.yaml", "token: secret://local/acme/_/messaging-telegram/bot_token1" },
        { "a.yaml", "secret: acme/_/messaging-telegram/bot_token" },
        { "a.yaml", "token: telegram-bot-token-v2-latest" },
        { "a.yaml", "token: change-me-before-use-2024" },
        { "a.yaml", "api_key: https://example.com/keys/1234abcd5678" },
        { "a.json", "{\"token_url\":\"q7Zt1Lw9Xc3Vb5Nm8Kj2\",\"max_tokens\":4096000000000000000}" },
        { "a.json", "{\"secret\":\"short1\"}" },
        { "a.cs", "var token = \"q7Zt1Lw9Xc3Vb5Nm8Kj2\";" },
        { "a.txt", "2026-11-20T14:02:03 12345678:AA short" },
        { ".env.example", "TOKEN=" },
        { ".env", "" },
        { "digest.json", "{\"digest\":\"sha256:c5199a710cb4433ca039e8016a940f3f24e9452e52b064d3bc58a52edf668706\"}" },
    };

    [Theory]
    [MemberData(nameof(Leaks))]
    public async Task A_secret_is_found_and_not_shown(string rule, string name, string content)
    {
        using var folder = new BundleFolder().With(name, "first line\n" + content);
        if (rule == "dev-secrets-file")
        {
            folder.With(name, content);
        }

        var finding = (await Scan(folder)).ShouldHaveSingleItem();

        (finding.Rule, finding.Path).ShouldBe((rule, name));
        finding.Line.ShouldBeInRange(1, 3);
        finding.Excerpt.ShouldNotContain(Random40[4..14]);
        finding.Excerpt.Length.ShouldBeLessThan(60);
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task What_is_none_passes(string name, string content)
    {
        using var folder = new BundleFolder().With(name, content);
        (await Scan(folder)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_secret_is_found_wherever_it_lies_in_a_large_file()
    {
        var token = "ghp_" + Random40[..36];
        foreach (var before in new[] { 0, 61_400, 61_439, 61_440, 61_441, 65_495, 65_496, 65_535, 65_536, 200_000 })
        {
            var text = new StringBuilder();
            while (text.Length < before)
            {
                text.Append(text.Length % 80 == 79 ? '\n' : ' ');
            }

            using var folder = new BundleFolder().With("big.txt", text + token + new string(' ', 90_000));
            var finding = (await Scan(folder)).ShouldHaveSingleItem($"after {before} bytes");
            finding.Line.ShouldBe(1 + (before / 80), $"after {before} bytes");
        }
    }

    [Fact]
    public async Task Packs_are_looked_into()
    {
        using var folder = new BundleFolder()
            .With("packs/a.gtpack", Zips.Pack(("assets/config.json", Encoding.UTF8.GetBytes("{\"password\":\"" + Random40[..20] + "\"}"))))
            .With("packs/stub.gtpack", "ghp_" + Random40[..36]);

        (await Scan(folder)).Select(finding => (finding.Path, finding.Rule)).ShouldBe([("packs/a.gtpack/assets/config.json", "secret-value"), ("packs/stub.gtpack", "github-token")]);
    }

    [Fact]
    public async Task A_path_or_a_line_may_be_allowed()
    {
        var token = "ghp_" + Random40[..36];
        using var folder = new BundleFolder()
            .With(".gtc-allow-secrets", "# made for the examples\nexamples/*\n*/assets/demo.txt\n")
            .With("examples/deep/a.txt", token)
            .With("packs/a.gtpack", Zips.Pack(("assets/demo.txt", Encoding.UTF8.GetBytes(token)), ("assets/real.txt", Encoding.UTF8.GetBytes(token))))
            .With("b.txt", $"{token} # gtc:allow-secret, revoked\n{token}\n");

        (await Scan(folder)).Select(finding => (finding.Path, finding.Line)).ShouldBe([("b.txt", 2), ("packs/a.gtpack/assets/real.txt", 1)]);
    }

    [Fact]
    public async Task History_and_links_are_passed_over()
    {
        using var folder = new BundleFolder().With(".git/config", "ghp_" + Random40[..36]).Link("loop", ".");
        (await Scan(folder)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_refused() =>
        (await LeakScan.RunAsync("/nowhere/at/all", TestContext.Current.CancellationToken)).Refusal.ShouldBeOfType<Refusal.FileFailed>();

    [Fact]
    public async Task The_list_of_findings_is_bounded()
    {
        using var folder = new BundleFolder();
        for (var i = 0; i < 50; i++)
        {
            folder.With($"{i}.txt", "ghp_" + Random40[..36]);
        }

        (await Scan(folder)).Length.ShouldBe(20);
    }

    [Fact]
    public async Task A_bundle_with_a_secret_is_not_built()
    {
        using var source = Sources.Small().With("packs/shop/assets/config.yaml", "a: 1\npassword: " + Random40[..20] + "\n");

        var refusal = (await BundleBuilder.PlanAsync(source.Root, "0.1.0", TestContext.Current.CancellationToken)).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();

        refusal.Message.ShouldContain("plain text");
        refusal.Details.ShouldContain(detail => detail.Label == "secret-value" && detail.Value.StartsWith("packs/shop/assets/config.yaml:2 ", StringComparison.Ordinal));
        refusal.ToString().ShouldNotContain(Random40[..20]);
        string.Concat(refusal.Details.Select(detail => detail.Value)).ShouldNotContain(Random40[2..12]);
    }

    [Fact]
    public async Task An_exception_travels_with_the_bundle()
    {
        using var source = Sources.Small()
            .With("packs/shop/assets/config.yaml", "password: " + Random40[..20] + "\n")
            .With(".gtc-allow-secrets", "*/assets/config.yaml\n");

        var tree = (await BundleBuilder.PlanAsync(source.Root, "0.1.0", TestContext.Current.CancellationToken)).Value;

        tree.Members.Select(member => member.Path).ShouldContain(".gtc-allow-secrets");
        using var unpacked = new BundleFolder();
        foreach (var member in tree.Members)
        {
            using var content = new MemoryStream();
            await using var opened = member.Open();
            await opened.CopyToAsync(content, TestContext.Current.CancellationToken);
            unpacked.With(member.Path, content.ToArray());
        }

        (await Scan(unpacked)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Our_own_sources_and_samples_pass()
    {
        var root = Repository();
        var findings = new List<LeakFinding>();
        var files = "src tests samples eng".Split(Blank)
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .ToList();
        files.Count.ShouldBeGreaterThan(300);
        foreach (var file in files)
        {
            await using var content = File.OpenRead(file);
            await LeakScan.ScanAsync(content, Path.GetRelativePath(root, file), findings, TestContext.Current.CancellationToken);
        }

        findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_real_fixtures_pass() =>
        (await LeakScan.RunAsync(Upstream.Path("."), TestContext.Current.CancellationToken)).Value.ShouldBeEmpty();

    private static async Task<LeakFinding[]> Scan(BundleFolder folder) =>
        [.. (await LeakScan.RunAsync(folder.Root, TestContext.Current.CancellationToken)).Value];

    private static string Pem(string label) => $"-----BEGIN {label}-----\n{Random40}{Random40[..24]}\n{Random40}\n-----END {label}-----\n";

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Gtc.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
