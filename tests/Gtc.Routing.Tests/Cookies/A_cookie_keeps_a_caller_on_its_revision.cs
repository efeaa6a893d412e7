using System.Text;
using Gtc.Model;

namespace Gtc.Routing.Tests.Cookies;

public class A_cookie_keeps_a_caller_on_its_revision
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];
    private static readonly DeploymentId Deployment = DeploymentId.TryParse("01J9ZQ3F5E8M7X2K4T6V8Y0A1B", out var id) ? id : throw new InvalidOperationException();
    private static readonly DeploymentId Other = DeploymentId.TryParse("01J9ZQ3F5E8M7X2K4T6V8Y0A1C", out var id) ? id : throw new InvalidOperationException();
    private static readonly RevisionId Revision = RevisionId.TryParse("01J9ZQ3F5E8M7X2K4T6V8Y0A1D", out var id) ? id : throw new InvalidOperationException();

    private readonly RevisionCookie _cookies = new(Key, EnvId.Local);
    private readonly string _value;

    public A_cookie_keeps_a_caller_on_its_revision() => _value = _cookies.Write("acme", Deployment, Revision, 7, Now);

    [Fact]
    public void It_is_read_back_until_it_expires()
    {
        Read(_value).ShouldBe(Revision);
        Read(_value, now: Now.AddSeconds(3599)).ShouldBe(Revision);
        Read(_value, now: Now.AddSeconds(3600)).ShouldBeNull();
    }

    [Fact]
    [Trait("fact", "dispatcher:6.4")]
    public void Another_tenant_deployment_environment_or_generation_does_not_take_it()
    {
        Read(_value, tenant: "other").ShouldBeNull();
        Read(_value, deployment: Other).ShouldBeNull();
        Read(_value, generation: 8).ShouldBeNull();
        EnvId.TryParse("staging", out var staging).ShouldBeTrue();
        new RevisionCookie(Key, staging).Read(Encoding.ASCII.GetBytes(_value), "acme", Deployment, 7, Now).ShouldBeNull();
        new RevisionCookie(new byte[32], EnvId.Local).Read(Encoding.ASCII.GetBytes(_value), "acme", Deployment, 7, Now).ShouldBeNull();
    }

    [Fact]
    [Trait("fact", "dispatcher:6.3")]
    public void Every_changed_bit_makes_it_no_cookie()
    {
        var bytes = Encoding.ASCII.GetBytes(_value);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            // The last letter of each part carries bits that the encoding does not use; a strict decoder refuses them.
            _cookies.Read(changed, "acme", Deployment, 7, Now).ShouldBeNull($"bit {bit}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a.b")]
    [InlineData("a.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Whatever_else_is_no_cookie(string value) => Read(value).ShouldBeNull();

    [Fact]
    public void An_oversized_one_is_no_cookie() => Read(new string('a', 5000) + "." + new string('A', 43)).ShouldBeNull();

    private RevisionId? Read(string value, string tenant = "acme", DeploymentId? deployment = null, ulong generation = 7, DateTimeOffset? now = null) =>
        _cookies.Read(Encoding.ASCII.GetBytes(value), tenant, deployment ?? Deployment, generation, now ?? Now);
}
