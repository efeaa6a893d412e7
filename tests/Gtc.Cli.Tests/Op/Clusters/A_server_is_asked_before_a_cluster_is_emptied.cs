using System.Security.Cryptography;
using System.Text;

namespace Gtc.Cli.Tests.Op.Clusters;

/// <summary>What a store server says about the end of an environment counts before its cluster is emptied.</summary>
[OverAServer]
public sealed class A_server_is_asked_before_a_cluster_is_emptied
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
        var audit = Path.Combine(Directory.GetDirectories(Path.Combine(bench.Cli.StoreRoot, ".destroyed")).Single(), "audit", "events.jsonl");
        File.ReadLines(audit).Count(line => line.Contains("\"verb\":\"destroy-begin\"", StringComparison.Ordinal)).ShouldBe(1);
    }

    private static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
