using System.Globalization;
using Gtc.Model;

namespace Gtc.Routing.Tests.Callers;

public class Callers_fall_on_slots
{
    private static readonly DeploymentId Deployment = DeploymentId.TryParse("01J9ZQ3F5E8M7X2K4T6V8Y0A1B", out var id) ? id : throw new InvalidOperationException();

    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31)]
    [InlineData(1, 0x74f839c593dc67fd)]
    [InlineData(7, 0xab0200f58b01d137)]
    [InlineData(8, 0x93f5f5799a932462)]
    [InlineData(15, 0xa129ca6149be45e5)]
    [InlineData(63, 0x958a324ceb064572)]
    public void The_hash_gives_the_vectors_of_its_authors(int length, ulong expected)
    {
        var key = Enumerable.Range(0, 16).Select(number => (byte)number).ToArray();
        var message = Enumerable.Range(0, length).Select(number => (byte)number).ToArray();
        SipHash.Of(BitConverter.ToUInt64(key), BitConverter.ToUInt64(key, 8), message).ShouldBe(expected);
    }

    [Theory]
    [InlineData(new[] { 9000, 1000 })]
    [InlineData(new[] { 5000, 5000 })]
    [InlineData(new[] { 1, 9999 })]
    [InlineData(new[] { 3334, 3333, 3333 })]
    public void A_million_callers_are_shared_out_within_a_tenth_of_a_percentage_point(int[] weights)
    {
        const int Callers = 1_000_000;
        var holders = SplitSlots.Read([.. weights.Select((weight, index) => new TrafficShare { RevisionId = Revision(index), WeightBps = (uint)weight })]);
        var counts = new int[weights.Length];
        var slots = new CallerSlot(Deployment);
        var text = new byte[16];
        for (var caller = 0; caller < Callers; caller++)
        {
            caller.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
            counts[holders[slots.Of(text.AsSpan(0, length))]]++;
        }

        for (var index = 0; index < weights.Length; index++)
        {
            Math.Abs((counts[index] / (double)Callers) - (weights[index] / 10000.0)).ShouldBeLessThan(0.001);
        }
    }

    [Fact]
    public void A_slot_is_the_same_on_every_machine()
    {
        var slots = new CallerSlot(Deployment);
        slots.Of(""u8).ShouldBe(7449);
        slots.Of("alice"u8).ShouldBe(3677);
        slots.Of("+49 170 1234567"u8).ShouldBe(3401);
    }

    [Fact]
    public void Further_slots_are_spread_like_the_first()
    {
        var slots = new CallerSlot(Deployment);
        var counts = new int[10];
        for (var caller = 0; caller < 100_000; caller++)
        {
            var key = BitConverter.GetBytes(caller);
            counts[slots.Next(slots.Of(key), key) / 1000]++;
        }

        counts.ShouldAllBe(count => count > 9_500 && count < 10_500);
    }

    private static RevisionId Revision(int number) => RevisionId.TryParse($"01J9ZQ3F5E8M7X2K4T6V8Y0A1{number}", out var id) ? id : throw new InvalidOperationException();
}
