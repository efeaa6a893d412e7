using System.Security.Cryptography;
using Gtc.Signing;

namespace Gtc.Nats.Tests;

/// <summary>A broker in operator mode: keys of an operator and two accounts, and the configuration that trusts them.</summary>
internal sealed class OperatorMode : IDisposable
{
    private readonly NkeyPair _operator = NkeyPair.Create(NkeyKind.Operator, RandomNumberGenerator.Fill);
    private readonly NkeyPair _system = NkeyPair.Create(NkeyKind.Account, RandomNumberGenerator.Fill);
    private readonly NkeyPair _account = NkeyPair.Create(NkeyKind.Account, RandomNumberGenerator.Fill);
    private readonly NkeyPair _signer = NkeyPair.Create(NkeyKind.Account, RandomNumberGenerator.Fill);

    /// <summary>Lines for the server's configuration.</summary>
    public string Configuration
    {
        get
        {
            var system = NatsJwt.SignAccount(_operator, new NatsAccountGrant { Account = _system.PublicKey.Text, Name = "SYS" }, Now);
            var account = NatsJwt.SignAccount(
                _operator, new NatsAccountGrant { Account = _account.PublicKey.Text, Name = "FLEET", HasJetStream = true, SigningKeys = [_signer.PublicKey.Text] }, Now);
            return $"operator: \"{NatsJwt.SignOperator(_operator, "gtc", _system.PublicKey.Text, Now)}\"\nsystem_account: {_system.PublicKey}\nresolver: MEMORY\n"
                + $"resolver_preload: {{ {_system.PublicKey}: \"{system}\", {_account.PublicKey}: \"{account}\" }}\n";
        }
    }

    private static DateTimeOffset Now => DateTimeOffset.UtcNow;

    /// <summary>A user with these rights, signed by the account's signing key.</summary>
    public NatsCredentials.Jwt User(NkeyPair key, NatsUserGrant grant) =>
        new(NatsJwt.SignUser(_signer, grant with { User = key.PublicKey.Text, IssuerAccount = _account.PublicKey.Text }, Now), key);

    /// <summary>A user with all rights.</summary>
    public NatsCredentials.Jwt Wide(NkeyPair key) => User(key, new NatsUserGrant { User = "", Name = "operator" });

    /// <summary>What fleet.md §19.4 grants a device.</summary>
    public static NatsUserGrant Device(string device) => new()
    {
        User = "",
        Name = device,
        Publish =
        [
            $"$KV.device-info.info.{device}",
            $"$KV.device-state.state.{device}.>",
            $"$KV.device-heartbeat.heartbeat.{device}",
            $"$JS.API.DIRECT.GET.KV_desired-state.$KV.desired-state.{device}.>",
            $"$JS.API.DIRECT.GET.KV_device-state.$KV.device-state.state.{device}.>",
            $"fleet.log.{device}.>",
            $"fleet.event.{device}",
        ],
        Subscribe = [$"_INBOX.{device}.>", $"fleet.desired.{device}.>", $"fleet.rpc.{device}.>"],
        Answers = 1,
        MaxSubscriptions = 32,
        MaxPayload = 131_072,
        ConnectionTypes = ["STANDARD"],
    };

    public void Dispose()
    {
        _operator.Dispose();
        _system.Dispose();
        _account.Dispose();
        _signer.Dispose();
    }
}
