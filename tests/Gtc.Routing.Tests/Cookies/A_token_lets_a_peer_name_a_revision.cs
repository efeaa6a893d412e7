using System.Text;
using Gtc.Model;

namespace Gtc.Routing.Tests.Cookies;

public sealed class A_token_lets_a_peer_name_a_revision
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];
    private static readonly DeploymentId Deployment = DeploymentId.TryParse("01J9ZQ3F5E8M7X2K4T6V8Y0A1B", out var id) ? id : throw new InvalidOperationException();
    private static readonly DeploymentId Other = DeploymentId.TryParse("01J9ZQ3F5E8M7X2K4T6V8Y0A1C", out var id) ? id : throw new InvalidOperationException();

    private readonly RevisionHeaderToken _tokens = new(Key, EnvId.Local);
    private readonly string _value;

    public A_token_lets_a_peer_name_a_revision() => _value = _tokens.Write(Deployment, Now.AddHours(1));

    [Fact]
    public void Until_its_end()
    {
        IsGood(_value).ShouldBeTrue();
        IsGood(_value, now: Now.AddSeconds(3599)).ShouldBeTrue();
        IsGood(_value, now: Now.AddSeconds(3600)).ShouldBeFalse();
    }

    [Fact]
    public void Of_one_deployment_environment_and_key()
    {
        IsGood(_value, Other).ShouldBeFalse();
        EnvId.TryParse("staging", out var staging).ShouldBeTrue();
        new RevisionHeaderToken(Key, staging).IsGood(Encoding.ASCII.GetBytes(_value), Deployment, Now).ShouldBeFalse();
        new RevisionHeaderToken(new byte[32], EnvId.Local).IsGood(Encoding.ASCII.GetBytes(_value), Deployment, Now).ShouldBeFalse();
    }

    [Fact]
    public void Neither_a_cookie_nor_a_changed_one_is_any()
    {
        IsGood(new RevisionCookie(Key, EnvId.Local).Write("acme", Deployment, new RevisionId(Deployment.Value), 1, Now)).ShouldBeFalse();
        for (var place = 0; place < _value.Length; place++)
        {
            var changed = _value.ToCharArray();
            changed[place] = changed[place] == '7' ? '8' : '7';

            // The last digit of the signature holds two bits that say nothing.
            if (place < _value.Length - 1)
            {
                IsGood(new string(changed)).ShouldBeFalse($"place {place}");
            }
        }

        foreach (var nonsense in new[] { "", ".", "x.y", _value[1..], _value + "A", "0" + _value, " " + _value, "9999999999999." + _value.Split('.')[1], _value.Split('.')[0] + "." + new string(' ', 43) })
        {
            IsGood(nonsense).ShouldBeFalse(nonsense);
        }
    }

    private bool IsGood(string value, DeploymentId? deployment = null, DateTimeOffset? now = null) => _tokens.IsGood(Encoding.ASCII.GetBytes(value), deployment ?? Deployment, now ?? Now);
}
