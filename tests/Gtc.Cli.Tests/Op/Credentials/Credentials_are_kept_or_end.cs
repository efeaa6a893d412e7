using System.Net;
using Gtc.Deployers.Kubernetes.Tests.Identity;

namespace Gtc.Cli.Tests.Op.Credentials;

/// <summary>Whatever becomes of a request to the store server: a token that the environment may have works, and one that it has not is gone, or is told of.</summary>
[OverAServer]
public sealed class Credentials_are_kept_or_end : IAsyncLifetime
{
    private const string Bootstrap = "credentials bootstrap admin_profile=admin --bind";
    private const string Rotate = "credentials rotate admin_profile=admin";

    private FakeCluster _cluster = null!;
    private TestCli _cli = null!;

    public async ValueTask InitializeAsync() => _cli = await Clustered.CliAsync(_cluster = await FakeCluster.StartAsync());

    public async ValueTask DisposeAsync()
    {
        _cli.Dispose();
        await _cluster.DisposeAsync();
    }

    [Theory]
    [InlineData(Bootstrap)]
    [InlineData(Rotate)]
    public async Task Who_leaves_while_the_server_works_waits_for_its_answer(string line)
    {
        await BoundForAsync(line);
        using var leaves = new CancellationTokenSource();
        _cli.Wire = Wired.AroundChanges("credentials", async carried =>
        {
            var answer = await carried();
            await leaves.CancelAsync();
            return answer;
        });
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        (await _cli.RunWordsAsync(["op", .. line.Split(' '), "--store-root", _cli.StoreRoot, "--format", "json"], stdout, stderr, leaves.Token)).ShouldBe(0, stderr.ToString());
        await WorksAsync();
        Anchors().ShouldBe(1, "a token before ended");
    }

    [Theory]
    [InlineData(Bootstrap, 0, "transport")]
    [InlineData(Bootstrap, 500, "conflict")]
    [InlineData(Rotate, 200, "conflict")]
    [InlineData(Rotate, 502, "transport")]
    public async Task A_token_that_the_environment_may_have_goes_on_and_is_named(string line, int status, string kind)
    {
        await BoundForAsync(line);
        _cli.Wire = Wired.AroundChanges("credentials", async carried =>
        {
            using var lost = await carried();
            lost.StatusCode.ShouldBe(HttpStatusCode.OK);
            return status == 0 ? throw new HttpRequestException("the line broke") : new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("<html>") };
        });
        var refused = await Staged.RefusedAsync(_cli, line);
        refused.Kind.ShouldBe(kind);
        LeftBehind(refused).ShouldStartWith("the token of Secret gtc-local/greentic-deployer-token-");
        LeftBehind(refused).ShouldContain("which counts until 2026-11-21T14:02:03Z");
        await WorksAsync();
    }

    [Fact]
    public async Task A_change_that_was_not_audited_is_told_as_that_and_its_token_works()
    {
        TestCli.NeedsFolder();
        var audit = Path.Combine(_cli.StoreRoot, "local", "audit");
        _cli.Wire = Wired.AroundChanges("credentials", carried =>
        {
            Directory.Move(audit, audit + ".away");
            File.WriteAllText(audit, "in the way");
            return carried();
        });
        var refused = await Staged.RefusedAsync(_cli, Bootstrap);
        (refused.Kind, refused.Message).ShouldBe(("audit", "the change stands, but its audit line could not be written where people read it"));
        refused.Error.TryGetProperty("details", out _).ShouldBeFalse(refused.Stderr);
        File.Delete(audit);
        Directory.Move(audit + ".away", audit);
        await WorksAsync();
    }

    [Fact]
    public async Task A_token_for_which_nothing_was_sent_ends()
    {
        var isMinted = false;
        _cli.Wire = inner => new Wired(inner, (request, carried) =>
        {
            isMinted = isMinted || _cluster.Asked.Any(asked => asked.EndsWith("/token", StringComparison.Ordinal));
            return isMinted && request.RequestUri!.AbsolutePath.EndsWith("/ciphertext", StringComparison.Ordinal) ? throw new HttpRequestException("the line broke") : carried();
        });
        (await Staged.RefusedAsync(_cli, Bootstrap)).Kind.ShouldBe("transport");
        isMinted.ShouldBeTrue();
        _cluster.Objects.Keys.ShouldNotContain(path => path.StartsWith(Clustered.Secrets, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_unbound_ends_although_the_answer_was_lost()
    {
        await _cli.OpAsync(Bootstrap);
        var token = Clustered.Published(_cluster);
        _cli.Wire = Wired.AroundChanges("credentials", async carried =>
        {
            (await carried()).Dispose();
            throw new HttpRequestException("the line broke");
        });
        var unbound = await _cli.OpAsync("credentials unbind");
        (unbound.GetProperty("credentials_ref").GetString(), unbound.GetProperty("material_deleted").GetBoolean()).ShouldBe((Clustered.Reference, true));
        _cluster.Knows(token).ShouldBeFalse();
        (await Staged.DocumentAsync(_cli)).TryGetProperty("credentials_ref", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task What_may_be_unbound_is_named()
    {
        await _cli.OpAsync(Bootstrap);
        var token = Clustered.Published(_cluster);
        _cli.Wire = Wired.AroundChanges("credentials", _ => throw new HttpRequestException("the line broke"));
        var refused = await Staged.RefusedAsync(_cli, "credentials unbind");
        refused.Kind.ShouldBe("transport");
        LeftBehind(refused).ShouldStartWith("the token of Secret gtc-local/greentic-deployer-token-");
        _cluster.Knows(token).ShouldBeTrue();
        _cli.Wire = null;
        await _cli.OpAsync("credentials unbind");
        _cluster.Knows(token).ShouldBeFalse();
    }

    [Fact]
    public async Task Secrets_that_others_write_meanwhile_do_not_exclude_it()
    {
        using var other = new TestCli();
        other.SetVariable("TOKEN", "hunter2-and-more");
        var written = 0;
        foreach (var line in (string[])[Bootstrap, Rotate, $"credentials bind --from-file {_cli.Folder}/token --replace", "credentials unbind"])
        {
            var isFirst = true;
            _cli.Wire = Wired.AroundChanges("credentials", async carried =>
            {
                if (isFirst)
                {
                    isFirst = false;
                    other.Time.Advance(TimeSpan.FromMinutes(1));
                    await PutAsync(other, $"acme/_/app/secret_{++written}");
                }

                return await carried();
            });
            if (line.Contains("--from-file", StringComparison.Ordinal))
            {
                _cli.Write("token", Clustered.Published(_cluster));
            }

            await _cli.OpAsync(line);
        }

        _cluster.Asked.Count(asked => asked.EndsWith("/token", StringComparison.Ordinal)).ShouldBe(2, "one for the bootstrap and one for the rotation");
        (await _cli.OpAsync("secrets list")).GetProperty("secrets").GetArrayLength().ShouldBe(4);
    }

    [Fact]
    public async Task A_key_of_ones_own_may_be_used_again()
    {
        await _cli.OpAsync(Bootstrap);
        await _cli.OpAsync($"{Rotate} --idempotency-key monday");
        await _cli.OpAsync($"{Rotate} --idempotency-key monday");
        await WorksAsync();
        Clustered.AuditLines(_cli).Count(line => line.Contains("\"idempotency_key\":\"monday-", StringComparison.Ordinal)).ShouldBe(2);
        (await Staged.RefusedAsync(_cli, $"{Rotate} --idempotency-key {new string('k', 255)}")).Message.ShouldContain("1 to 228 characters");
    }

    private async Task BoundForAsync(string line)
    {
        if (line == Rotate)
        {
            await _cli.OpAsync(Bootstrap);
        }
    }

    /// <summary>The environment's token is one that the cluster accepts.</summary>
    private async Task WorksAsync()
    {
        _cli.Wire = null;
        (await _cli.OpAsync("credentials requirements")).GetProperty("result").GetString().ShouldBe("pass");
    }

    private int Anchors() => _cluster.Objects.Keys.Count(path => path.StartsWith($"{Clustered.Secrets}/greentic-deployer-token-", StringComparison.Ordinal));

    private async Task PutAsync(TestCli other, string path)
    {
        var run = await other.RunAsync($"op secrets put {path} --from-env TOKEN --store-root {_cli.StoreRoot} --format json");
        run.Exit.ShouldBe(0, run.Stderr);
    }

    private static string LeftBehind(TestRun refused) =>
        refused.Error.GetProperty("details").EnumerateArray().Single(detail => detail.GetProperty("label").GetString() == "left behind").GetProperty("value").GetString()!;
}
