namespace Gtc.Fleet.Contracts.Tests.Buckets;

public class Buckets_are_as_specified
{
    [Fact]
    public void Names_are_pinned() =>
        FleetBuckets.All.Select(bucket => bucket.Name).ShouldBe(["desired-state", "device-info", "device-state", "device-heartbeat", "fleet-checkpoint"]);

    [Fact]
    public void A_bucket_that_devices_write_takes_no_roll_up() =>
        FleetBuckets.All.Where(bucket => bucket.AllowsRollup).Select(bucket => bucket.Name).ShouldBe(["desired-state", "fleet-checkpoint"]);

    [Fact]
    public void Only_what_devices_have_to_run_is_republished() =>
        FleetBuckets.All.Where(bucket => bucket.RepublishTo is not null).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            bucket => bucket.AllSubjects.ShouldBe("$KV.desired-state.>"),
            bucket => bucket.RepublishTo.ShouldBe("fleet.desired.>"));

    [Fact]
    public void Nothing_that_counters_are_made_of_grows_old_and_every_bucket_has_a_size() =>
        FleetBuckets.All.ShouldAllBe(bucket => bucket.MaxAge == TimeSpan.Zero && bucket.History == 1 && bucket.MaxBytes > 0 && bucket.MaxValueBytes <= bucket.MaxBytes);

    [Fact]
    public void Only_signs_of_life_are_kept_in_memory() =>
        FleetBuckets.All.Where(bucket => bucket.Storage == BucketStorage.Memory).ShouldHaveSingleItem().StreamName.ShouldBe("KV_device-heartbeat");

    [Fact]
    public void Subjects_of_devices_are_pinned()
    {
        var device = DeviceId.Parse("pi-42").Value;

        FleetSubjects.DesiredOf(device).ShouldBe("fleet.desired.pi-42.>");
        FleetSubjects.Desired(KvKeys.Manifest(device)).ShouldBe("fleet.desired.pi-42._manifest");
        FleetSubjects.Rpc(device, "ping").ShouldBe("fleet.rpc.pi-42.ping");
        FleetSubjects.Log(device, "s1").ShouldBe("fleet.log.pi-42.s1");
        FleetSubjects.Event(device).ShouldBe("fleet.event.pi-42");
        FleetSubjects.Query("summary").ShouldBe("fleet.query.summary");
        FleetSubjects.InboxPrefix(device).ShouldBe("_INBOX.pi-42");
    }
}
