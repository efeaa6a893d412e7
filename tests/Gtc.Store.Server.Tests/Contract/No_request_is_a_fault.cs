using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Store.Server.Tests.Contract;

/// <summary>Whatever is sent to whatever route, the answer is one of the contract's, and never that the server failed.</summary>
public abstract class No_request_is_a_fault<TLab> : ContractTest<TLab>
    where TLab : StoreLab, new()
{
    private const int RoundsPerRoute = 25;

    private static readonly string[] Texts =
    [
        "", " ", "x", Env, "deployer", "messaging", "nope", RevisionA, "01j8a1a1a1a1a1a1a1a1a1a1a1", "greentic.a@1.0.0", "a@b", "staged", "ready", "failed", "secret://shop-eu/a/_/b/c",
        "https://x.example", "127.0.0.1:80", "telegram", "../x", "%2F", "\u0001", "é😀", new string('y', 4000), "\"'<>&",
    ];

    [Fact]
    public async Task Bodies_by_the_schema_and_against_it_are_answered()
    {
        var deployment = await Client.DeployAsync(Env);
        await Client.StageAsync(Env, deployment, RevisionA);
        var random = new Random(20261121);
        foreach (var route in StoreContract.Routes.OfType<ChangeRoute>())
        {
            for (var round = 0; round < RoundsPerRoute; round++)
            {
                var body = route.Body is { } type ? Value(type.GetJsonSchemaAsNode(), random, deployment, 0)?.ToJsonString() ?? "null" : null;
                var path = Regex.Replace(route.Path.Replace("{env_id}", Env, StringComparison.Ordinal), @"\{\w+\}", _ => Uri.EscapeDataString(Text(random, deployment)));
                MustBeOfTheContract(await Client.ChangeAsync(route.Method, path, body, key: random.Next(4) == 0 ? "shared" : null), $"{route.Method} {path} {body}");
            }
        }

        (await Client.GetAsync("/environments")).Must(200);
    }

    [Theory]
    [InlineData("store", 409)]
    [InlineData("io", 409)]
    [InlineData("audit", 409)]
    [InlineData("fetch", 409)]
    [InlineData("transport", 409)]
    [InlineData("trust-root", 409)]
    [InlineData("operator-key", 409)]
    [InlineData("provider", 409)]
    [InlineData("unauthorized", 409)]
    [InlineData("invented", 409)]
    [InlineData("conflict", 409)]
    [InlineData("not-found", 404)]
    [InlineData("invalid-argument", 400)]
    public async Task What_a_client_refused_by_itself_is_answered_in_its_words_and_is_no_failure_of_the_server(string kind, int status)
    {
        await Client.CreateAsync(Env);
        var refusal = $$"""{"kind":"{{kind}}","message":"the disk is full","details":[["row","x"],["expected","y"],["actual","z"]],"next":"df"}""";
        var answer = (await Client.ChangeAsync("POST", $"/environments/{Env}/attempts", $$"""{"noun":"bundles","verb":"stage","target":{},"refusal":{{refusal}}}""")).Must(status);
        answer["refusal"].GetProperty("message").GetString().ShouldBe("the disk is full");
        var line = (await Client.AuditAsync(Env))[^1];
        line.GetProperty("verb").GetString().ShouldBe("stage");
        line.GetProperty("result").GetProperty("outcome").GetString().ShouldBe("error");
        line.GetProperty("result").GetProperty("kind").GetString().ShouldBe(kind == "invented" ? "store" : kind);
    }

    [Fact]
    public async Task Bytes_of_any_kind_are_answered()
    {
        await Client.CreateAsync(Env);
        var samples = Gen.Sample(Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value)), 60, 40);
        foreach (var bytes in samples)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, $"/environments/{Env}") { Content = new ByteArrayContent(bytes) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            request.Headers.TryAddWithoutValidation("Idempotency-Key", Guid.NewGuid().ToString());
            using var response = await Client.Http.SendAsync(request, TestContext.Current.CancellationToken);
            ((int)response.StatusCode).ShouldBe(400);
        }
    }

    [Fact]
    public async Task Queries_of_any_kind_are_answered()
    {
        await Client.CreateAsync(Env);
        var random = new Random(7);
        foreach (var route in StoreContract.Routes.OfType<ReadRoute>())
        {
            for (var round = 0; round < RoundsPerRoute; round++)
            {
                var query = string.Join('&', route.Query.Where(_ => random.Next(2) == 0).Select(parameter =>
                    $"{parameter.Name}={Uri.EscapeDataString(random.Next(2) == 0 ? Text(random, "x") : random.NextInt64(-5, 2000).ToString(CultureInfo.InvariantCulture))}"));
                var path = $"{route.Path.Replace("{env_id}", Env, StringComparison.Ordinal)}?{query}&timeout=0";
                MustBeOfTheContract(await Client.GetAsync(path), path);
            }
        }
    }

    private static void MustBeOfTheContract(ServerAnswer answer, string request)
    {
        if (answer.Status is 200 or 204)
        {
            return;
        }

        var kind = answer.Kind;
        var known = ProblemKind.All.SingleOrDefault(one => one.Name == kind);
        known.ShouldNotBeNull($"{request}: {answer.Text}");
        answer.Status.ShouldBe(known.Status, $"{request}: {answer.Text}");
        kind.ShouldNotBe("internal", request);
    }

    private static string Text(Random random, string deployment) => random.Next(6) == 0 ? deployment : Texts[random.Next(Texts.Length)];

    /// <summary>A value of a schema; now and then one that is not.</summary>
    private static JsonNode? Value(JsonNode? schema, Random random, string deployment, int depth)
    {
        if (depth > 6 || random.Next(20) == 0)
        {
            return random.Next(5) switch { 0 => null, 1 => random.Next(), 2 => Text(random, deployment), 3 => new JsonArray(), _ => new JsonObject { ["x"] = 1 } };
        }

        var type = schema is not JsonObject known ? null
            : known["type"] is JsonArray several ? several[random.Next(several.Count)]!.GetValue<string>()
            : known["type"]?.GetValue<string>();
        return type switch
        {
            "object" => Object(schema!, random, deployment, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(schema!["items"], random, deployment, depth + 1))]),
            "integer" or "number" => JsonValue.Create(random.Next(4) switch { 0 => 0L, 1 => 10_000L, 2 => random.NextInt64(0, uint.MaxValue), _ => -1L }),
            "boolean" => JsonValue.Create(random.Next(2) == 0),
            "null" => null,
            _ when schema is JsonObject { } choices && choices["enum"] is JsonArray values => values[random.Next(values.Count)]?.DeepClone(),
            _ => Text(random, deployment),
        };
    }

    private static JsonObject Object(JsonNode schema, Random random, string deployment, int depth)
    {
        var made = new JsonObject();
        foreach (var (name, member) in schema["properties"]?.AsObject() ?? [])
        {
            if (random.Next(12) > 0)
            {
                made[name] = name == "env_id" && random.Next(2) == 0 ? Env : Value(member, random, deployment, depth + 1);
            }
        }

        return made;
    }
}
