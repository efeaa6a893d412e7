using System.Security.Cryptography;
using System.Text;

namespace Gtc.Cli.Tests.Op.Clusters;

/// <summary>What a store server says about the end of an environment counts before its cluster is emptied.</summary>
[OverAServer]
public sealed class An_environment_in_a_cluster_ends_as_it_was_seen
{
    [Fact]
    public async Task Who_may_not_end_it_takes_nothing_from_its_cluster()
    {
        await using var bench = await ClusterBench.OpenAsync();
        bench.Cli.Write(TestServers.TokensName, $$"""
            {"schema":"greentic.store-rbac.v1","tokens":[
              {"token_sha256":"{{Digest("root")}}","actor":"root","role":"admin"},
              {"token_sha256":"{{Digest("deployer")}}","actor":"deployer","role":"operator","verbs":["env.reconcile","env.reconcile-complete","runtime.set","secrets.*"]},
              {"token_sha256":"{{Digest("owner")}}","actor":"owner","role":"operator","verbs":["env.destroy"]}]}
            """);
        bench.Speak("root");
        await bench.RoutedAsync();
        bench.Speak("deployer");
        await bench.Cli.OpAsync("env reconcile");
        var brought = bench.Cluster.Paths.ToList();
        bench.Cluster.Asked.Clear();
        (await Staged.RefusedAsync(bench.Cli, "env destroy local --force --confirm")).Kind.ShouldBe("unauthorized");
        (bench.Cluster.Writes.Any(), bench.Cluster.Paths.SequenceEqual(brought)).ShouldBe((false, true));

        bench.Speak("owner");
        await bench.Cli.OpAsync("env destroy local --force --confirm");
        bench.Cluster.Paths.ShouldBe([ClusterBench.Home]);
    }

    [Fact]
    public async Task What_was_changed_while_it_was_taken_away_is_not_destroyed_unseen()
    {
        await using var bench = await ClusterBench.OpenAsync();
        await bench.RoutedAsync();
        await bench.Cli.OpAsync("env reconcile");
        var changed = 0;
        bench.Cluster.Before = async context =>
        {
            if (context.Request.Method == "DELETE" && Interlocked.Exchange(ref changed, 1) == 0)
            {
                await bench.Cli.OpAsync("env update --name Ada");
            }

            return false;
        };
        var refused = await Staged.RefusedAsync(bench.Cli, "env destroy local --force --confirm");
        (refused.Kind, refused.Message).ShouldBe(("conflict", "environment `local` was changed by somebody else meanwhile; nothing was done"));
        refused.Stderr.ShouldContain("gtc op env reconcile local brings everything back");
        (await Staged.DocumentAsync(bench.Cli)).GetProperty("name").GetString().ShouldBe("Ada");
        bench.Cli.AuditLines().Count(line => line.Contains("\"verb\":\"destroy-begin\"", StringComparison.Ordinal)).ShouldBe(1);
        await bench.Cli.OpAsync("env destroy local --force --confirm");
    }

    private static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
