using Gtc.Model;

namespace Gtc.Routing.Tests.Pins;

/// <summary>Ids, keys and a route of two revisions for tests of pins.</summary>
internal static class PinSamples
{
    public static readonly DeploymentId Deployment = DeploymentId.TryParse("01J9ZQ3F5E8M7X2K4T6V8Y0A1B", out var id) ? id : throw new InvalidOperationException();
    public static readonly RevisionId A = Revision('A');
    public static readonly RevisionId B = Revision('B');

    public static PinKey Key(string hint, string tenant = "acme") => new(Deployment, EnvId.Local, tenant, hint);

    public static DeploymentRoute Route(ulong generation, params (RevisionId Revision, uint Weight)[] shares) => new(
        Deployment,
        "bundle",
        new RouteBinding { TenantSelector = TenantSelector.Default },
        [.. shares.Select(share => new TrafficShare { RevisionId = share.Revision, WeightBps = share.Weight })],
        revision => new RevisionState(revision))
    {
        StickyGeneration = generation,
    };

    private static RevisionId Revision(char last) => RevisionId.TryParse($"01J9ZQ3F5E8M7X2K4T6V8Y0A1{last}", out var id) ? id : throw new InvalidOperationException();
}

/// <summary>A clock that moves when it is told to.</summary>
internal sealed class ManualTime : TimeProvider
{
    private TimeSpan _now = TimeSpan.FromDays(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan by) => _now += by;

    public override long GetTimestamp() => _now.Ticks;
}
