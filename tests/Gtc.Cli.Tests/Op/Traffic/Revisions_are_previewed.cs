using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Cli.Tests.Op.Traffic;

public class Revisions_are_previewed : IDisposable
{
    private readonly TestCli _cli = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _cli.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_token_is_shown_once_and_only_its_hash_is_kept()
    {
        TestCli.NeedsFolder();
        var (_, b) = await TwoAsync();
        var added = await _cli.OpAsync("traffic preview add --host next.shop.test --expires 3600");
        added.GetProperty("revision_id").GetString().ShouldBe(b, "what comes next, when none is named");
        added.GetProperty("expires_at").GetDateTimeOffset().ShouldBe(_cli.Time.GetUtcNow().AddHours(1));
        var token = added.GetProperty("token").GetString()!;
        Convert.FromBase64String(token.Replace('-', '+').Replace('_', '/')).Length.ShouldBe(24);

        var kept = (await Staged.DocumentAsync(_cli)).GetProperty("bundles")[0].GetProperty("previews")[0];
        kept.GetRawText().ShouldBe($$"""
            {"revision_id":"{{b}}","host":"next.shop.test","header_token_hash":"{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}}","expires_at":"{{kept.GetProperty("expires_at").GetString()}}"}
            """);
        await IsNowhereAsync(token);

        var listed = (await _cli.OpAsync("traffic preview list")).GetProperty("previews")[0];
        (listed.GetProperty("open").GetBoolean(), listed.GetProperty("pointers")[0].GetString()).ShouldBe((true, "next"));
        _cli.Time.Advance(TimeSpan.FromHours(1));
        (await _cli.OpAsync("traffic preview list --deployment main")).GetProperty("previews")[0].GetProperty("open").GetBoolean().ShouldBeFalse();

        (await _cli.OpAsync("traffic preview remove")).GetProperty("revision_id").GetString().ShouldBe(b);
        (await _cli.OpAsync("traffic preview list")).GetProperty("previews").GetArrayLength().ShouldBe(0);
        (await Staged.RefusedAsync(_cli, "traffic preview remove")).Kind.ShouldBe("not-found");
    }

    [Fact]
    public async Task A_retry_changes_nothing_and_does_not_get_the_token_again()
    {
        TestCli.NeedsFolder();
        await TwoAsync();
        var first = await _cli.OpAsync("traffic preview add --idempotency-key look-1");
        var before = await Staged.DocumentAsync(_cli);
        _cli.Time.Advance(TimeSpan.FromMinutes(1));
        var again = await _cli.OpAsync("traffic preview add --idempotency-key look-1");
        again.TryGetProperty("token", out _).ShouldBeFalse();
        again.GetProperty("expires_at").GetRawText().ShouldBe(first.GetProperty("expires_at").GetRawText());
        (await Staged.DocumentAsync(_cli)).GetRawText().ShouldBe(before.GetRawText());
        (await Staged.RefusedAsync(_cli, "traffic preview add --host a.test --idempotency-key look-1")).Kind.ShouldBe("conflict");
        await IsNowhereAsync(first.GetProperty("token").GetString()!);

        var replaced = await _cli.OpAsync("traffic preview add");
        replaced.GetProperty("token").GetString().ShouldNotBe(first.GetProperty("token").GetString());
        (await _cli.OpAsync("traffic preview list")).GetProperty("previews").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task What_cannot_be_looked_at_is_refused_with_the_reason()
    {
        await Staged.DeploymentAsync(_cli);
        (await Staged.RefusedAsync(_cli, "traffic preview add")).Message.ShouldContain("`next` stands for no revision");
        var staged = await Staged.RevisionAsync(_cli);
        var refused = await Staged.RefusedAsync(_cli, $"traffic preview add --revision {staged}");
        (refused.Kind, refused.Error.GetProperty("next").GetString()).ShouldBe(("conflict", $"gtc op revisions warm local --revision {staged}"));
        await _cli.OpAsync("revisions warm");
        (await Staged.RefusedAsync(_cli, "traffic preview add --host Next.test")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(_cli, "traffic preview add --expires 59")).Kind.ShouldBe("invalid-argument");
        (await Staged.RefusedAsync(_cli, "traffic preview add --expires 2592001")).Kind.ShouldBe("invalid-argument");
        await _cli.OpAsync("bundles update --host shop.test");
        var taken = await Staged.RefusedAsync(_cli, "traffic preview add --host shop.test");
        (taken.Kind, taken.Message.Contains("is reached by it", StringComparison.Ordinal)).ShouldBe(("spec", true));
    }

    [Fact]
    public async Task Every_attempt_leaves_one_line_in_the_log_and_no_secret()
    {
        await TwoAsync();
        string[] lines = ["preview add", "preview add --expires 1", "preview add idempotency_key=", "preview remove --revision nope", "preview remove", "preview remove", "token", "token --expires 1", "token idempotency_key="];
        lines = [.. lines.Where(line => !(TestCli.IsRemote && line.StartsWith("token", StringComparison.Ordinal)))];
        var before = _cli.AuditLines().Length;
        for (var index = 0; index < lines.Length; index++)
        {
            var run = await _cli.RunAsync($"op traffic {lines[index]} --store-root {_cli.StoreRoot}");
            var written = _cli.AuditLines();
            written.Length.ShouldBe(before + index + 1, lines[index]);
            var last = JsonElement.Parse(written[^1]);
            var words = lines[index].Split(' ');
            (last.GetProperty("noun").GetString(), last.GetProperty("verb").GetString()).ShouldBe(words[0] == "token" ? ("traffic", "token") : ("traffic.preview", words[1]));
            last.GetProperty("result").GetProperty("outcome").GetString().ShouldBe(run.Exit == 0 ? "ok" : "error", lines[index]);
        }
    }

    [Fact]
    public async Task A_token_for_the_revision_header_is_minted_with_the_environments_key_and_kept_nowhere()
    {
        TestCli.NeedsFiles("the signing key lies in the folder");
        await TwoAsync();
        var minted = await _cli.OpAsync("traffic token --expires 60");
        var token = minted.GetProperty("token").GetString()!;
        var key = await File.ReadAllBytesAsync(Path.Combine(_cli.StoreRoot, "local", "revision-signing.key"), Token);
        DeploymentId.TryParse(minted.GetProperty("deployment_id").GetString(), out var deployment).ShouldBeTrue();
        var tokens = new RevisionHeaderToken(key, EnvId.Local);
        tokens.IsGood(Encoding.ASCII.GetBytes(token), deployment, _cli.Time.GetUtcNow().AddSeconds(59)).ShouldBeTrue();
        tokens.IsGood(Encoding.ASCII.GetBytes(token), deployment, _cli.Time.GetUtcNow().AddSeconds(60)).ShouldBeFalse();
        await IsNowhereAsync(token);
        (await Staged.RefusedAsync(_cli, "traffic token --expires 2592001")).Kind.ShouldBe("invalid-argument");
    }

    [Fact]
    public async Task At_a_terminal_it_says_how_to_use_it_and_the_undo_works_as_printed()
    {
        using var cli = new TestCli { IsTerminal = true };
        cli.SetVariable("GREENTIC_STORE_ROOT", cli.StoreRoot);
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        var page = (await cli.RunAsync("op traffic preview add")).Stdout;
        page.ShouldContain("X-Greentic-Preview: ");
        (await cli.RunAsync("op traffic preview list")).Stdout.ShouldContain("by token only");
        var undo = page.Split('\n').Select(line => line.Trim()).Single(line => line.StartsWith("undo", StringComparison.Ordinal))["undo".Length..].Trim();
        (await cli.RunAsync(undo["gtc ".Length..])).Stdout.ShouldContain("is closed");
        if (!TestCli.IsRemote)
        {
            (await cli.RunAsync("op traffic token")).Stdout.ShouldContain("X-Greentic-Revision-Token: ");
        }
    }

    [Fact]
    public async Task Pointers_name_revisions_wherever_the_dial_is_typed()
    {
        var (a, b) = await TwoAsync();
        (await PointersAsync()).ShouldBe((a, null, b));
        await _cli.OpAsync("traffic set stable=90% next=10% --idempotency-key ramp-10");
        (await PointersAsync()).ShouldBe((a, a, b));
        var typed = await _cli.OpAsync("traffic set next=100%");
        typed.GetProperty("entries").GetRawText().ShouldBe($$"""[{"revision_id":"{{b}}","weight_bps":10000}]""");
        (await PointersAsync()).ShouldBe((b, a, null));
        (await Staged.RefusedAsync(_cli, "traffic set stable=50% next=50%")).Message.ShouldStartWith("`next` stands for no revision");
        await _cli.OpAsync("traffic set previous=100%");
        (await _cli.OpAsync("traffic set stable=90% next=10% --idempotency-key ramp-10")).GetProperty("generation").GetInt32().ShouldBe(1, "a retry is known by what was typed");
        (await PointersAsync()).ShouldBe((a, b, b));
    }

    private async Task<(string? Stable, string? Previous, string? Next)> PointersAsync()
    {
        var pointers = (await _cli.OpAsync("traffic show")).GetProperty("pointers");
        return (pointers.GetProperty("stable").GetString(), pointers.GetProperty("previous").GetString(), pointers.GetProperty("next").GetString());
    }

    /// <summary>Two ready revisions, the older one with everything.</summary>
    private async Task<(string A, string B)> TwoAsync()
    {
        await Staged.DeploymentAsync(_cli);
        var a = await Staged.ReadyAsync(_cli);
        await _cli.OpAsync("traffic set");
        return (a, await Staged.ReadyAsync(_cli));
    }

    private async Task IsNowhereAsync(string secret)
    {
        // The lock of a server that runs cannot be opened.
        foreach (var file in Directory.EnumerateFiles(_cli.StoreRoot, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("/.server/.lock", StringComparison.Ordinal)))
        {
            (await File.ReadAllTextAsync(file, Encoding.Latin1, Token)).ShouldNotContain(secret, Case.Sensitive, file);
        }
    }
}
