using System.Security.Cryptography;
using System.Text;
using Gtc.Signing;

namespace Gtc.Nats.Tests;

/// <summary>A client with one device's permissions against a real broker with decentralised JWTs (fleet.md §19.4).</summary>
public sealed class A_device_has_only_its_own
{
    private static readonly string[] Buckets = ["device-info", "device-state", "device-heartbeat"];

    private static CancellationToken Token => Clients.Token;

    /// <summary>Publishes that are not the device's: each with a body that would do harm.</summary>
    private static (string Subject, string Body)[] ForbiddenPublishes =>
    [
        ("$KV.device-info.info.pi-2", "x"),
        ("$KV.device-info.info.pi-1.more", "x"),
        ("$KV.device-state.state.pi-2.web", "x"),
        ("$KV.device-heartbeat.heartbeat.pi-2", "x"),
        ("$KV.desired-state.pi-1.web", "x"),
        ("$KV.desired-state.pi-2.web", "x"),
        ("$KV.fleet-checkpoint.0.h", "x"),
        ("$JS.API.DIRECT.GET.KV_desired-state.$KV.desired-state.pi-2._manifest", ""),
        ("$JS.API.DIRECT.GET.KV_device-state.$KV.device-state.state.pi-2.web", ""),
        ("$JS.API.DIRECT.GET.KV_desired-state", """{"seq":1}"""),
        ("$JS.API.STREAM.MSG.GET.KV_desired-state", """{"seq":1}"""),
        ("$JS.API.STREAM.MSG.DELETE.KV_device-state", """{"seq":1}"""),
        ("$JS.API.STREAM.INFO.KV_device-state", ""),
        ("$JS.API.STREAM.NAMES", ""),
        ("$JS.API.STREAM.LIST", ""),
        ("$JS.API.STREAM.CREATE.evil", """{"name":"evil","subjects":["fleet.>"]}"""),
        ("$JS.API.STREAM.UPDATE.KV_device-state", """{"name":"KV_device-state","subjects":["$KV.device-state.>"],"allow_rollup_hdrs":true}"""),
        ("$JS.API.STREAM.PURGE.KV_device-state", ""),
        ("$JS.API.STREAM.DELETE.KV_device-state", ""),
        ("$JS.API.CONSUMER.CREATE.KV_desired-state", """{"stream_name":"KV_desired-state","config":{"deliver_subject":"_INBOX.pi-1.x","ack_policy":"none"}}"""),
        ("$JS.API.CONSUMER.CREATE.KV_desired-state.c.$KV.desired-state.pi-2.>", """{"stream_name":"KV_desired-state","config":{"name":"c","filter_subject":"$KV.desired-state.pi-2.>"}}"""),
        ("$JS.API.CONSUMER.DURABLE.CREATE.KV_desired-state.c", "{}"),
        ("$JS.API.CONSUMER.NAMES.KV_desired-state", ""),
        ("$JS.API.CONSUMER.LIST.KV_desired-state", ""),
        ("$JS.API.CONSUMER.DELETE.KV_desired-state.op", ""),
        ("$JS.API.CONSUMER.MSG.NEXT.KV_desired-state.op", "1"),
        ("$JS.API.INFO", ""),
        ("fleet.desired.pi-1.web", "x"),
        ("fleet.log.pi-2.session", "x"),
        ("fleet.event.pi-2", "x"),
        ("fleet.rpc.pi-2.logs", ""),
        ("fleet.query.devices", ""),
        ("$SYS.REQ.SERVER.PING", ""),
        ("_INBOX.pi-2.x", "x"),
    ];

    private static string[] ForbiddenSubscriptions =>
        [">", "*", "$KV.>", "$JS.>", "fleet.>", "fleet.desired.>", "fleet.desired.pi-2.>", "fleet.desired.*.web", "fleet.rpc.pi-2.>", "fleet.log.pi-1.>", "_INBOX.>", "_INBOX.pi-2.>", "$SYS.>"];

    [Fact]
    public async Task Everything_that_is_not_its_own_is_refused_and_nothing_changes()
    {
        using var mode = new OperatorMode();
        await using var server = await NatsServer.StartAsync(mode.Configuration);
        using var operatorKey = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        using var deviceKey = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        await using var wide = await server.ConnectAsync(options => options with { Credentials = mode.Wide(operatorKey) });
        await FillAsync(wide);
        var before = await ContentsAsync(wide);
        await using var device = await server.ConnectAsync(options => options with { Credentials = mode.User(deviceKey, OperatorMode.Device("pi-1")), InboxPrefix = "_INBOX.pi-1" });

        foreach (var (subject, body) in ForbiddenPublishes)
        {
            var answer = await device.RequestAsync(subject, Encoding.UTF8.GetBytes(body), Token);
            answer.Error.ShouldNotBeNull(subject).Kind.ShouldBe(NatsErrorKind.PermissionDenied, subject);
        }

        foreach (var subject in ForbiddenSubscriptions)
        {
            (await device.SubscribeAsync(subject, Token)).Error.ShouldNotBeNull(subject).Kind.ShouldBe(NatsErrorKind.PermissionDenied, subject);
        }

        device.Status.Connects.ShouldBe(1);
        (await ContentsAsync(wide)).ShouldBe(before);
    }

    [Fact]
    public async Task A_roll_up_that_would_erase_the_keys_of_all_others_is_refused_by_the_bucket()
    {
        using var mode = new OperatorMode();
        await using var server = await NatsServer.StartAsync(mode.Configuration);
        using var operatorKey = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        using var deviceKey = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        await using var wide = await server.ConnectAsync(options => options with { Credentials = mode.Wide(operatorKey) });
        await FillAsync(wide);
        var before = await ContentsAsync(wide);
        await using var device = await server.ConnectAsync(options => options with { Credentials = mode.User(deviceKey, OperatorMode.Device("pi-1")), InboxPrefix = "_INBOX.pi-1" });

        foreach (var subject in new List<string> { "$KV.device-info.info.pi-1", "$KV.device-state.state.pi-1.web", "$KV.device-heartbeat.heartbeat.pi-1" })
        {
            foreach (var rollUp in new List<RollUp> { RollUp.All, RollUp.Subject })
            {
                var error = (await device.JetStream().PublishAsync(subject, default, new PublishOptions { RollUp = rollUp }, Token)).Error.ShouldNotBeNull();
                (error.Kind, error.Code).ShouldBe((NatsErrorKind.RollUpRefused, 10111), $"{subject} {rollUp}");
            }
        }

        (await ContentsAsync(wide)).ShouldBe(before);

        // The claim that makes it necessary: where roll-ups are allowed, the right to one key erases all.
        await device.JetStream().PublishAsync("$KV.device-state.state.pi-1.web", default, default, Token).Ok();
        await wide.JetStream().UpdateStreamAsync((await wide.JetStream().StreamAsync("KV_device-state", Token).Ok()).Config with { AllowRollupHdrs = true }, Token).Ok();
        await device.JetStream().PublishAsync("$KV.device-state.state.pi-1.web", default, new PublishOptions { RollUp = RollUp.All }, Token).Ok();
        (await wide.JetStream().StreamAsync("KV_device-state", Token).Ok()).State.Messages.ShouldBe(1UL);
    }

    [Fact]
    public async Task What_is_its_own_works()
    {
        using var mode = new OperatorMode();
        await using var server = await NatsServer.StartAsync(mode.Configuration);
        using var operatorKey = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        using var deviceKey = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        await using var wide = await server.ConnectAsync(options => options with { Credentials = mode.Wide(operatorKey) });
        await FillAsync(wide);
        await using var device = await server.ConnectAsync(options => options with { Credentials = mode.User(deviceKey, OperatorMode.Device("pi-1")), InboxPrefix = "_INBOX.pi-1" });
        var streams = device.JetStream();

        await using var desired = await device.SubscribeAsync("fleet.desired.pi-1.>", Token).Ok();
        await using var calls = await device.SubscribeAsync("fleet.rpc.pi-1.>", Token).Ok();
        (await streams.Bucket("desired-state").Ok().GetAsync("pi-1._manifest", Token).Ok()).Revision.ShouldBeGreaterThan(0UL);
        await streams.Bucket("device-state").Ok().PutAsync("state.pi-1.web", "x"u8.ToArray(), Token).Ok();
        await streams.Bucket("device-state").Ok().DeleteAsync("state.pi-1.web", Token).Ok();
        (await streams.Bucket("device-state").Ok().GetLastAsync("state.pi-1.web", Token).Ok()).Operation.ShouldBe(BucketOperation.Delete);
        await wide.JetStream().Bucket("desired-state").Ok().PutAsync("pi-1.web", "y"u8.ToArray(), Token).Ok();
        (await desired.ReadAsync(Token)).ShouldNotBeNull().Subject.ShouldBe("fleet.desired.pi-1.web");

        var asking = wide.RequestAsync("fleet.rpc.pi-1.ping", default, Token);
        await (await calls.ReadAsync(Token)).ShouldNotBeNull().ReplyAsync("pong"u8.ToArray(), Token).Ok();
        (await asking.Ok()).Payload.Span.SequenceEqual("pong"u8).ShouldBeTrue();
    }

    private static async Task FillAsync(NatsConnection wide)
    {
        var streams = wide.JetStream();
        var desired = await streams.EnsureBucketAsync(
            new BucketConfig { Name = "desired-state", Republish = new() { Source = "$KV.desired-state.>", Destination = "fleet.desired.>" } }, Token).Ok();
        await streams.EnsureBucketAsync(new BucketConfig { Name = "fleet-checkpoint" }, Token).Ok();
        foreach (var bucket in Buckets)
        {
            await streams.EnsureBucketAsync(new BucketConfig { Name = bucket, AllowsRollUp = false }, Token).Ok();
        }

        foreach (var device in new List<string> { "pi-1", "pi-2" })
        {
            await desired.PutAsync($"{device}.web", "d"u8.ToArray(), Token).Ok();
            await desired.PutAsync($"{device}._manifest", "m"u8.ToArray(), Token).Ok();
            await streams.Bucket("device-info").Ok().PutAsync($"info.{device}", "i"u8.ToArray(), Token).Ok();
            await streams.Bucket("device-state").Ok().PutAsync($"state.{device}.web", "s"u8.ToArray(), Token).Ok();
            await streams.Bucket("device-heartbeat").Ok().PutAsync($"heartbeat.{device}", "h"u8.ToArray(), Token).Ok();
        }
    }

    private static async Task<List<string>> ContentsAsync(NatsConnection wide)
    {
        var contents = new List<string>();
        foreach (var name in await wide.JetStream().BucketNamesAsync(Token).Ok())
        {
            await foreach (var entry in wide.JetStream().Bucket(name).Ok().ListAsync(">", new WatchOptions { From = DeliverFrom.All }, Token))
            {
                contents.Add($"{name} {entry.Ok()} {Encoding.UTF8.GetString(entry.Ok().Value.Span)}");
            }
        }

        return contents;
    }
}
