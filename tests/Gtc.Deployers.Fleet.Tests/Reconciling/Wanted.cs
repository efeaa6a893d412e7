using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Conformance;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Deployers.Fleet.Tests.Reconciling;

/// <summary>Environments and answers of tests.</summary>
internal static class Wanted
{
    public static readonly IEnvPackHandler Pack = BuiltInPacks.All.Single(handler => handler.DescriptorPath == "greentic.deployer.fleet");

    public static string Answers(string selector) =>
        $$"""{"device_selector":"{{selector}}","ports":"{{ConformanceFixture.DeploymentA}}:8080,{{ConformanceFixture.DeploymentB}}:8081"}""";

    public static Outcome<FleetSettings> Settings(EnvId environment, JsonElement answers) =>
        AnswersReader.Read(Pack, answers).TryGet(out var read, out var refusal)
            ? FleetSettings.Of(environment, read, "localhost/gtc:0.1.0")
            : new DeployerRefusal.Provider(refusal.Message);

    /// <summary>Revisions of deployment A with slots as <c>traffic set</c> gives them.</summary>
    public static EnvironmentDocument With(EnvironmentDocument before, uint first, uint second)
    {
        var split = before.TrafficSplits.First(split => split.DeploymentId == ConformanceFixture.DeploymentA);
        var shares = ImmutableArray.Create(
            new TrafficShare { RevisionId = ConformanceFixture.RevisionA1, WeightBps = first },
            new TrafficShare { RevisionId = ConformanceFixture.RevisionA2, WeightBps = second });
        return before with
        {
            TrafficSplits = [.. before.TrafficSplits.Select(one => one == split ? one with { Entries = SplitSlots.Assign(split, shares.RemoveAll(share => share.WeightBps == 0)) } : one)],
        };
    }
}
