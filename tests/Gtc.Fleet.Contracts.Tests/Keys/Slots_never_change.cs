using System.Text;

namespace Gtc.Fleet.Contracts.Tests.Keys;

public class Slots_never_change
{
    // FNV-1a with 32 bits, as published with the function itself: "", "a", "foobar".
    [Theory]
    [InlineData("", 0x811c9dc5u)]
    [InlineData("a", 0xe40c292cu)]
    [InlineData("foobar", 0xbf9cf968u)]
    public void The_hash_is_FNV_1a(string text, uint hash) => DeviceSlot.Fnv1a(Encoding.UTF8.GetBytes(text)).ShouldBe(hash);

    [Theory]
    [InlineData("a", 300)]
    [InlineData("foobar", 360)]
    [InlineData("pi-42", 683)]
    [InlineData("device-0", 382)]
    [InlineData("device-99999", 397)]
    public void Devices_stay_where_they_are(string device, int slot)
    {
        DeviceSlot.Of(DeviceId.Parse(device).Value).ShouldBe(slot);
        DeviceSlot.Of(Encoding.UTF8.GetBytes(device)).ShouldBe(slot);
    }

    [Fact]
    public void A_hash_in_parts_is_the_hash_of_the_whole() =>
        DeviceSlot.Fnv1a("bar"u8, DeviceSlot.Fnv1a("foo"u8)).ShouldBe(DeviceSlot.Fnv1a("foobar"u8));

    [Fact]
    public void Shards_share_the_slots_evenly()
    {
        foreach (var shards in new[] { 1, 2, 16, 64 })
        {
            Enumerable.Range(0, DeviceSlot.Count).CountBy(slot => DeviceSlot.Shard(slot, shards)).ShouldAllBe(share => share.Value == DeviceSlot.Count / shards);
        }

        Should.Throw<ArgumentOutOfRangeException>(() => DeviceSlot.Shard(0, 3));
    }
}
