using System.Collections.Immutable;
using Gtc.Fleet.Agent.Tests.Lab;
using Gtc.Fleet.Contracts;
using Gtc.Podman.Tests.Real;

namespace Gtc.Fleet.Agent.Tests.Running;

[Collection("podman")]
public sealed class A_manifest_of_which_a_part_is_late(RealPodman podman)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_came_first_runs_as_soon_as_the_rest_is_there()
    {
        await using var lab = await DeviceLab.StartAsync(podman);
        lab.Boot();
        await lab.PutScoreAsync("early", DeviceLab.Shell("early", "sleep 1000"));
        var early = System.Text.Encoding.UTF8.GetBytes(DeviceLab.Shell("early", "sleep 1000"));
        var half = new DeviceManifest
        {
            Rev = 1,
            Entries = ImmutableSortedDictionary.CreateRange(
            [
                KeyValuePair.Create(DeploymentName.Parse("early").Value, new ManifestEntry { Hash = ScoreHash.Of(early), Seq = 1 }),
                KeyValuePair.Create(DeploymentName.Parse("late").Value, new ManifestEntry { Hash = ScoreHash.Of("another"u8), Seq = 2 }),
            ]),
        };
        (await lab.Bucket(FleetBuckets.DesiredState).PutAsync(KvKeys.Manifest(lab.Device), half.ToBytes(), Token)).Error.ShouldBeNull();
        var saved = Path.Combine(lab.Config.DataFolder, "desired", "early.json");
        for (var attempt = 0; !File.Exists(saved); attempt++)
        {
            (attempt < 1500).ShouldBeTrue("the score that came was not kept");
            await Task.Delay(20, Token);
        }

        await lab.PutScoreAsync("late", DeviceLab.Shell("late", "sleep 1000"));
        await lab.PutManifestAsync(rev: 2);

        await lab.RunsAsync("late");
        await lab.RunsAsync("early");
    }
}
