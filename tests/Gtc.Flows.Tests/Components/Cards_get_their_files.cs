using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Components;

public sealed class Cards_get_their_files
{
    private const string Card = """{"type":"AdaptiveCard"}""";

    [Theory]
    [InlineData("assets/cards/a.json", "assets/cards/a.json")]
    [InlineData("cards/a.json", "assets/cards/a.json")]
    [InlineData("assets/cards/a.json", "cards/a.json")]
    public void A_card_of_the_pack_is_put_in_place_of_its_path(string asked, string packed)
        => Run($$$$"""{"op":"card","card_source":"asset","card_spec":{"asset_path":"{{{{asked}}}}","template_params":{"x":1}}}""", "{}", (packed, Card))
            .ShouldBe("""{"op":"card","card_source":"inline","card_spec":{"template_params":{"x":1},"inline_json":{"type":"AdaptiveCard"}}}""");

    [Fact]
    public void Texts_come_in_the_language_of_the_message_and_in_english()
        => Run(
            """{"op":"card","card_source":"inline","card_spec":{"inline_json":{}}}""",
            """{"metadata":{"locale":"de"}}""",
            ("assets/i18n/de.json", """{"hello":"hallo"}"""),
            ("assets/i18n/en.json", """{"hello":"hello"}"""),
            ("assets/i18n/fr.json", """{"hello":"salut"}"""))
            .ShouldBe("""{"op":"card","card_source":"inline","card_spec":{"inline_json":{},"i18n_inline":{"de":{"hello":"hallo"},"en":{"hello":"hello"}}},"locale":"de"}""");

    [Theory]
    [InlineData("""["fr","gone"]""")]
    [InlineData("""{"fr":"Français"}""")]
    public void A_list_of_languages_decides_which_are_given(string manifest)
        => Run(
            """{"op":"card","card_source":"inline","card_spec":{"inline_json":{},"i18n_bundle_path":"texts"},"locale":"it"}""",
            "{}",
            ("texts/_manifest.json", manifest),
            ("texts/fr.json", """{"hello":"salut"}"""),
            ("texts/en.json", "{}"))
            .ShouldBe("""{"op":"card","locale":"it","card_source":"inline","card_spec":{"i18n_bundle_path":"texts","inline_json":{},"i18n_inline":{"fr":{"hello":"salut"}}}}""");

    [Fact]
    public void The_configuration_names_a_default_card()
        => Run("""{"op":"card","input":{"card_spec":{}},"config":{"default_source":"asset","default_card_asset":"a.json"}}""", "{}", ("a.json", Card))
            .ShouldBe("""{"card_source":"inline","card_spec":{"inline_json":{"type":"AdaptiveCard"}}}""");

    [Fact]
    public void A_card_that_is_not_there_or_not_json_is_named()
    {
        const string Mapping = """{"op":"card","card_source":"asset","card_spec":{"asset_path":"a.json"}}""";

        Handle(Mapping, "{}").Error().ShouldBe("card asset `a.json` (node `a`) is not in pack `p`");
        Handle(Mapping, "{}", ("a.json", "{")).Error().ShouldStartWith("a file of pack `p` that node `a` needs cannot be read: a.json is not JSON");
    }

    /// <summary>The component of the templates pack is not part of this repository; GTC_UPSTREAM_FIXTURES names a folder that has it.</summary>
    [Fact]
    [Trait("fact", "flows-and-components:8.2")]
    public void The_real_templates_pack_answers_with_the_bytes_of_its_payload()
    {
        var manifest = File.ReadAllText(Upstream.Path("decoded/templates-pack.manifest.json"));
        var component = Upstream.Component("ai.greentic.component-templates.wasm");
        using var runtime = Flow.Runtime(Flow.Open(manifest, ("components/ai.greentic.component-templates.wasm", component)));

        var text = runtime.Handle(Flow.Message("""{"text":"hi"}"""), Flow.Context, TestContext.Current.CancellationToken).Value.Texts().ShouldHaveSingleItem();

        text.ShouldContain("component-templates::handle_message =>");
        text.ShouldContain(string.Join(',', "\"M3 hello from templates\""u8.ToArray()));
    }

    /// <summary>The manifest of the real quickstart pack; its card component is not part of this repository, so an echo shows what it would get.</summary>
    [Fact]
    public void The_real_quickstart_waits_at_its_welcome_card_and_shows_the_one_that_is_asked_for()
    {
        var manifest = File.ReadAllText(Upstream.Path("decoded/telegram-quickstart.manifest.json"));
        using var runtime = Flow.Runtime(Flow.Open(
            manifest,
            ("components/ai.greentic.component-adaptive-card.wasm", TestComponents.Echo()),
            ("assets/cards/welcome_card.json", """{"text":"What would you like to explore"}"""u8.ToArray()),
            ("assets/cards/about_card.json", """{"text":"About"}"""u8.ToArray())));

        CardOf(runtime, """{"text":"hi"}""").ShouldBe("What would you like to explore");
        CardOf(runtime, """{"metadata":{"action":"about_card"}}""").ShouldBe("About");
        CardOf(runtime, """{"text":"hi"}""").ShouldBe("What would you like to explore");
    }

    private static string? CardOf(FlowRuntime runtime, string payload) =>
        runtime.Handle(Flow.Message(payload) with { ConversationId = "c" }, Flow.Context, TestContext.Current.CancellationToken).Value
            .Payloads.ShouldHaveSingleItem().GetProperty("card_spec").GetProperty("inline_json").GetProperty("text").GetString();

    private static string Run(string mapping, string entry, params ReadOnlySpan<(string Name, string Content)> files) => Handle(mapping, entry, files).Texts().ShouldHaveSingleItem();

    private static FlowReply Handle(string mapping, string entry, params ReadOnlySpan<(string Name, string Content)> files)
    {
        var members = files.ToArray().Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Content))).ToArray();
        using var runtime = FlowRuntime.Load([Flow.PackWith(TestComponents.Echo(), Flow.Node("a", "my.tool", mapping), members)], NullLogger.Instance).Value;
        return runtime.Handle(Flow.Message(entry), Flow.Context, TestContext.Current.CancellationToken).Value;
    }
}
