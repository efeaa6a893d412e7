using Gtc.Flows;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Components;

public sealed class Secrets_are_kept_for_a_while
{
    private static readonly SecretUri Token = SecretUri.Of("local", "acme", "_", "p", "token").Value;

    private readonly Turned _time = new();
    private readonly List<string> _asked = [];
    private string? _value;

    [Fact]
    public void A_value_is_looked_up_again_when_its_time_is_over()
    {
        var secrets = Cache(TimeSpan.FromMinutes(5));
        _value = "one";
        Read(secrets).ShouldBe("one");
        _value = "two";
        _time.Turn(TimeSpan.FromSeconds(299));
        Read(secrets).ShouldBe("one");
        _time.Turn(TimeSpan.FromSeconds(1));
        Read(secrets).ShouldBe("two");
        _asked.Count.ShouldBe(2);
    }

    [Fact]
    public void One_that_is_not_there_is_found_as_soon_as_it_is()
    {
        var secrets = Cache(TimeSpan.FromMinutes(5));
        Read(secrets).ShouldBeNull();
        _value = "now";
        Read(secrets).ShouldBe("now");
    }

    [Fact]
    public async Task One_that_is_written_is_looked_up_again()
    {
        var secrets = Cache(TimeSpan.FromMinutes(5));
        _value = "one";
        Read(secrets).ShouldBe("one");
        (await secrets.WriteAsync(Token, "two"u8.ToArray(), new ComponentCaller(new FlowContext("local", "acme", "d", "b", "r"), "p", "f", "n", "c"), CancellationToken.None)).ShouldBeNull();
        Read(secrets).ShouldBe("two");
    }

    [Fact]
    public void The_oldest_leave_when_there_are_too_many()
    {
        var secrets = Cache(TimeSpan.FromMinutes(5));
        _value = "x";
        for (var i = 0; i < 600; i++)
        {
            _time.Turn(TimeSpan.FromMilliseconds(1));
            secrets.Read(SecretUri.Of("local", "acme", "_", "p", $"n{i}").Value);
        }

        _asked.Clear();
        secrets.Read(SecretUri.Of("local", "acme", "_", "p", "n599").Value);
        secrets.Read(SecretUri.Of("local", "acme", "_", "p", "n88").Value);
        _asked.ShouldBeEmpty();
        secrets.Read(SecretUri.Of("local", "acme", "_", "p", "n87").Value);
        _asked.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(null, 300)]
    [InlineData("", 300)]
    [InlineData("-1", 300)]
    [InlineData("soon", 300)]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    public void A_variable_says_how_long(string? value, int seconds) => CachedSecrets.Lifetime(name => name == "SECRETS_CACHE_TTL_SECS" ? value : null).ShouldBe(TimeSpan.FromSeconds(seconds));

    private static string? Read(CachedSecrets secrets) => secrets.Read(Token) is { Fault: null } found ? System.Text.Encoding.UTF8.GetString(found.Value.Span) : null;

    private CachedSecrets Cache(TimeSpan lifetime) => new(
        secret =>
        {
            _asked.Add(secret.ToString());
            return _value is null ? new HostFault("not-found", "no") : new ReadOnlyMemory<byte>(System.Text.Encoding.UTF8.GetBytes(_value));
        },
        (_, value, _, _) =>
        {
            _value = System.Text.Encoding.UTF8.GetString(value.Span);
            return Task.FromResult<HostFault?>(null);
        },
        lifetime,
        _time);

    private sealed class Turned : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Turn(TimeSpan by) => _now += by.Ticks;
    }
}
