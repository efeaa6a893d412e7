namespace Gtc.Fleet.Contracts.Tests.Keys;

public class Names_fit_everywhere
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("pi-42", true)]
    [InlineData("0-0", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("A", false)]
    [InlineData("a.b", false)]
    [InlineData("a_b", false)]
    [InlineData("ä", false)]
    [InlineData("a b", false)]
    public void The_grammar_is_that_of_a_DNS_label(string text, bool isValid)
    {
        DeviceId.TryParse(text, out _).ShouldBe(isValid);
        DeploymentName.TryParse(text, out _).ShouldBe(isValid);
        FleetName.IsValid(System.Text.Encoding.UTF8.GetBytes(text)).ShouldBe(isValid);
        System.Text.RegularExpressions.Regex.IsMatch(text, FleetName.Pattern).ShouldBe(isValid);
    }

    [Fact]
    public void Sixty_three_characters_are_the_most()
    {
        DeviceId.TryParse(new string('a', 63), out _).ShouldBeTrue();
        DeviceId.TryParse(new string('a', 64), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("Living Room Pi", "living-room-pi")]
    [InlineData("__edge__01__", "edge-01")]
    [InlineData("pi.lab.example", "pi-lab-example")]
    public void A_refusal_offers_a_name_that_would_do(string text, string offered)
    {
        var error = DeviceId.Parse(text).Error.ShouldNotBeNull();

        error.Fault.ShouldBe(ContractFault.InvalidName);
        error.Message.ShouldContain($"`{offered}` would be");
        DeviceId.TryParse(offered, out _).ShouldBeTrue();
    }

    [Fact]
    public void Nothing_is_offered_when_nothing_is_left() => DeploymentName.Parse("…").Error.ShouldNotBeNull().Message.ShouldEndWith("were expected");

    [Fact]
    public void A_name_that_was_never_given_is_a_bug() => Should.Throw<InvalidOperationException>(() => default(DeviceId).Value);
}
