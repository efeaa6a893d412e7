using System.Text;

namespace Gtc.Nats.Tests;

public sealed class Delivery_facts_are_read
{
    [Theory]
    [InlineData("$JS.ACK.KV_b.name.1.42.7.1700000000123456700.3")]
    [InlineData("$JS.ACK.hub.ACCHASH.KV_b.name.1.42.7.1700000000123456700.3")]
    [InlineData("$JS.ACK._.ACCHASH.KV_b.name.1.42.7.1700000000123456700.3.random")]
    public void Of_old_and_new_servers(string reply)
    {
        DeliveryFacts.TryRead(Encoding.ASCII.GetBytes(reply), out var facts).ShouldBeTrue();

        Encoding.ASCII.GetString(facts.Consumer).ShouldBe("name");
        facts.StreamSequence.ShouldBe(42UL);
        facts.ConsumerSequence.ShouldBe(7UL);
        facts.Pending.ShouldBe(3UL);
        facts.Time.ShouldBe(new DateTimeOffset(2023, 11, 14, 22, 13, 20, TimeSpan.Zero).AddTicks(1234567));
    }

    [Theory]
    [InlineData("")]
    [InlineData("$JS.FC.KV_b.name.xyz")]
    [InlineData("$JS.ACK.KV_b.name.1.42.7.1700000000123456700")]
    [InlineData("$JS.ACK.KV_b.name.1.x.7.1700000000123456700.3")]
    [InlineData("$JS.ACK.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o")]
    public void And_other_subjects_are_not_taken_for_them(string reply) => DeliveryFacts.TryRead(Encoding.ASCII.GetBytes(reply), out _).ShouldBeFalse();
}
