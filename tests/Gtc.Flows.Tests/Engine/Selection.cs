using System.Text.Json;
using Gtc.Artifacts.Packs;
using Gtc.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Engine;

public sealed class Selection
{
    private const string Provider =
        """
        "extensions":{"greentic.provider-extension.v1":{"kind":"k","version":"1","inline":{"providers":[{"provider_type":"messaging.telegram.bot"}]}}},
        """;

    private static readonly InboundActivity Any = new() { Payload = JsonElement.Parse("{}") };

    [Fact]
    public void The_only_flow_of_a_type_answers()
        => Chosen(Any with { FlowType = "messaging" }, Pack("p", ("e", "event", ""), ("m", "messaging", ""))).ShouldBe("p/m");

    [Fact]
    public void Among_several_the_entry_answers()
        => Chosen(Any with { FlowType = "messaging" }, Pack("p", ("a", "messaging", ""), ("b", "messaging", "\"default\""))).ShouldBe("p/b");

    [Fact]
    public void Internal_flows_and_packs_of_messaging_providers_do_not_answer()
        => Chosen(
            Any with { FlowType = "messaging" },
            Flow.Pack("provider", Flow.Entry("setup", Flow.Node("n", "emit.log", "{}"), tags: "\"default\""), Provider),
            Pack("p", ("a", "messaging", "\"internal\""), ("b", "messaging", ""))).ShouldBe("p/b");

    [Fact]
    public void Several_entries_are_ambiguous()
    {
        var refusal = Refused(Any with { FlowType = "messaging" }, Pack("p", ("a", "messaging", "\"default\"")), Pack("q", ("a", "messaging", "\"default\"")));

        refusal.ShouldBeOfType<Refusal.InvalidArgument>().Message.ShouldBe("flow type messaging is ambiguous; pack_id is required");
        refusal.Details.Select(detail => detail.Value).ShouldBe(["p/a", "q/a"]);
    }

    [Fact]
    public void A_pack_id_settles_it()
        => Chosen(Any with { FlowType = "messaging", PackId = "q" }, Pack("p", ("a", "messaging", "")), Pack("q", ("a", "messaging", ""))).ShouldBe("q/a");

    [Fact]
    public void A_flow_that_is_named_answers_even_when_it_is_internal()
    {
        Chosen(Any with { FlowId = "a", PackId = "p" }, Pack("p", ("a", "job", "\"internal\"")), Pack("q", ("a", "job", ""))).ShouldBe("p/a");
        Refused(Any with { FlowId = "a" }, Pack("p", ("a", "job", "")), Pack("q", ("a", "job", ""))).Message.ShouldBe("flow a is ambiguous; pack_id is required");
        Refused(Any with { FlowId = "z" }, Pack("p", ("a", "job", ""))).Message.ShouldBe("no pack has flow z");
    }

    [Fact]
    public void Without_a_type_the_first_entry_answers()
    {
        Chosen(Any, Pack("p", ("a", "job", ""), ("b", "event", "\"default\""))).ShouldBe("p/b");
        Chosen(Any, Pack("p", ("a", "job", ""), ("b", "event", ""))).ShouldBe("p/a");
        Refused(Any, Flow.Pack("p", "")).Message.ShouldBe("no entry flows registered for tenant");
    }

    [Fact]
    public void Packs_that_call_themselves_the_same_are_refused()
        => FlowRuntime.Load([Flow.Pack("p", ""), Flow.Pack("p", "")], NullLogger.Instance).Refusal.ShouldBeOfType<Refusal.Conflict>();

    [Fact]
    public void A_pack_that_cannot_be_read_is_refused_and_nothing_stays_open()
    {
        var folder = Directory.CreateTempSubdirectory("gtc-packs-");
        try
        {
            var stub = Path.Combine(folder.FullName, "messaging-webchat-gui.gtpack");
            File.WriteAllText(stub, "PK\u0003\u0004 pack-bytes");

            FlowRuntime.Open([stub], NullLogger.Instance).Refusal.ShouldBeOfType<Refusal.MalformedArtifact>().Message.ShouldContain(stub);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static PackFile Pack(string id, params (string Id, string Kind, string Tags)[] flows) =>
        Flow.Pack(id, string.Join(',', flows.Select(flow => Flow.Entry(flow.Id, Flow.Node("n", "emit.log", "{}"), flow.Kind, flow.Tags))));

    private static string Chosen(InboundActivity activity, params PackFile[] packs)
    {
        using var runtime = Flow.Runtime(packs);
        var reply = runtime.Handle(activity, Flow.Context, TestContext.Current.CancellationToken).Value;
        return $"{reply.PackId}/{reply.FlowId}";
    }

    private static Refusal Refused(InboundActivity activity, params PackFile[] packs)
    {
        using var runtime = Flow.Runtime(packs);
        return runtime.Handle(activity, Flow.Context, TestContext.Current.CancellationToken).Refusal.ShouldNotBeNull();
    }
}
