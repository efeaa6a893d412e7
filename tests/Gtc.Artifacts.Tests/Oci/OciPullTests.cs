using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Gtc.Artifacts.Sources;
using Gtc.Artifacts.Tests.Sources;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Artifacts.Tests.Oci;

public class OciPullTests
{
    private static readonly byte[] Content = Bytes.Of(400_000);
    private static readonly byte[] Other = Bytes.Of(400_000, seed: 2);
    private static readonly string Here = RuntimeInformation.OSArchitecture == Architecture.X64 ? "linux/amd64" : "linux/arm64";

    private readonly FakeRegistry _fake = new();

    [Fact]
    public async Task A_manifest_that_is_not_the_pinned_one_is_refused()
    {
        var pinned = Other.Digest();
        _fake.AddManifest("app", "1", FakeRegistry.Manifest(_fake.AddBlob("app", Content)), pretendedDigest: pinned.ToString());

        var refusal = (await PullAsync($"app:1@{pinned}")).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
        refusal.Detail("code").ShouldBe("DigestMismatch");
        refusal.Detail("expected").ShouldBe(pinned.ToString());
    }

    [Fact]
    public async Task A_layer_that_is_not_what_its_manifest_says_is_refused()
    {
        _fake.AddManifest("app", "1", FakeRegistry.Manifest(_fake.AddBlob("app", Content, pretended: Other)));

        var refusal = (await PullAsync("app:1")).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
        refusal.Detail("expected").ShouldBe(Other.Digest().ToString());
        refusal.Detail("found").ShouldBe(Content.Digest().ToString());
    }

    [Fact]
    public async Task A_layer_of_another_size_is_refused()
    {
        var layer = _fake.AddBlob("app", Content);
        layer["size"] = Content.Length - 1;
        _fake.AddManifest("app", "1", FakeRegistry.Manifest(layer));

        (await PullAsync("app:1")).Refusal!.Message.ShouldContain("399,999 bytes were expected, 400,000 are announced");
    }

    [Fact]
    public async Task A_layer_without_an_end_is_cut_off_where_the_manifest_says()
    {
        _fake.AddBundle("app", "1", Content);
        _fake.Blobs = async static (context, bytes) =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
            }
        };

        (await PullAsync("app:1")).Refusal!.Message.ShouldContain("longer than its head says");
    }

    [Fact]
    public async Task A_layer_that_was_cut_is_resumed_without_a_validator()
    {
        _fake.AddBundle("app", "1", Content);
        var starts = new List<int?>();
        _fake.Blobs = (context, bytes) =>
        {
            starts.Add(Replies.RangeStart(context.Request));
            return Replies.BytesAsync(context, bytes, tag: null, cutAfter: starts.Count * 150_000);
        };

        (await PullAsync("app:1")).Value.Digest.ShouldBe(Content.Digest());
        starts.ShouldBe([null, 150_000, 300_000]);
    }

    [Fact]
    public async Task A_blob_may_be_elsewhere_and_the_token_stays_here()
    {
        _fake.AddBundle("app", "1", Content);
        await using var storage = await ScriptedServer.StartAsync(static context => Replies.BytesAsync(context, Content));
        _fake.Blobs = (context, _) =>
        {
            context.Response.Redirect($"{storage.Address}blob?sig=secret", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (context.Request.Path == "/token")
            {
                return context.Response.WriteAsync("""{"token":"abc"}""");
            }

            if (context.Request.Headers.Authorization == "Bearer abc")
            {
                return _fake.AnswerAsync(context);
            }

            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Basic realm=\"x, y\", Bearer realm=\"http://{context.Request.Host}/token?a=b\",service=\"s, t\"";
            return Task.CompletedTask;
        });
        var (outcome, _) = await Pull.RunAsync($"oci://{server.Authority}/app:1", Push.Plain(server.Authority));

        outcome.Value.Digest.ShouldBe(Content.Digest());
        storage.Requests.ShouldHaveSingleItem()["Authorization"].ShouldBeNull();
        server.Requests.Single(static request => request.Target.StartsWith("/token", StringComparison.Ordinal)).Target
            .ShouldBe("/token?a=b&service=s%2C%20t&scope=repository%3Aapp%3Apull");
    }

    [Fact]
    public async Task Credentials_are_not_given_to_where_a_blob_was_moved()
    {
        _fake.AddBundle("app", "1", Content);
        await using var storage = await ScriptedServer.StartAsync(
            static context =>
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"give me\"";
                return Task.CompletedTask;
            },
            TestCertificates.Loopback);
        _fake.Blobs = (context, _) =>
        {
            context.Response.Redirect(storage.Address.ToString());
            return Task.CompletedTask;
        };
        await using var server = await ScriptedServer.StartAsync(_fake.AnswerAsync, TestCertificates.Loopback);
        using var transport = TestCertificates.Trusting();
        var (outcome, _) = await Pull.RunAsync($"oci://{server.Authority}/app:1", Push.With("ada", "secret"), transport: transport);

        outcome.Refusal!.Detail("status").ShouldBe("401");
        storage.Requests.ShouldHaveSingleItem()["Authorization"].ShouldBeNull();
    }

    [Fact]
    public async Task An_index_leads_to_the_first_entry_that_fits()
    {
        var fits = _fake.AddBundle("app", "fits", Content);
        var foreign = _fake.AddBundle("app", "foreign", Other);
        var byPlatform = _fake.AddManifest("app", "platform", FakeRegistry.Index((foreign.ToString(), "windows/amd64"), (fits.ToString(), Here), (foreign.ToString(), null)));
        _fake.AddManifest("app", "free", FakeRegistry.Index((foreign.ToString(), "unknown/unknown"), (fits.ToString(), null), (foreign.ToString(), Here)));
        _fake.AddManifest("app", "none", FakeRegistry.Index((foreign.ToString(), "plan9/mips")));

        var pulled = (await PullAsync($"app@{byPlatform}")).Value;
        pulled.Digest.ShouldBe(Content.Digest());
        pulled.ManifestDigest.ShouldBe(byPlatform);
        (await PullAsync("app:free")).Value.Digest.ShouldBe(Content.Digest());
        (await PullAsync("app:none")).Refusal!.Message.ShouldContain($"none of the index's 1 entries is for {Here}");
    }

    [Fact]
    public async Task Indexes_nest_twice_and_no_deeper()
    {
        var digest = _fake.AddBundle("app", "manifest", Content);
        for (var depth = 1; depth <= 3; depth++)
        {
            digest = _fake.AddManifest("app", $"depth{depth}", FakeRegistry.Index((digest.ToString(), null)));
        }

        (await PullAsync("app:depth2")).IsOk.ShouldBeTrue();
        (await PullAsync("app:depth3")).Refusal!.Message.ShouldContain("nested deeper than 2");
    }

    [Fact]
    public async Task An_index_entry_that_is_not_what_it_says_is_refused()
    {
        _fake.AddManifest("app", null, FakeRegistry.Manifest(_fake.AddBlob("app", Content)), pretendedDigest: Other.Digest().ToString());
        _fake.AddManifest("app", "1", FakeRegistry.Index((Other.Digest().ToString(), null)));

        (await PullAsync("app:1")).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
    }

    [Fact]
    public async Task The_preferred_type_is_the_layer_and_without_one_the_first()
    {
        _fake.AddManifest("app", "preferred", FakeRegistry.Manifest(
            _fake.AddBlob("app", Other), _fake.AddBlob("app", Other, "text/markdown"), _fake.AddBlob("app", Content, "application/vnd.greentic.gtpack+zip")));
        _fake.AddManifest("app", "first", FakeRegistry.Manifest(
            _fake.AddBlob("app", Content, "application/x-anything+tar+gzip"), _fake.AddBlob("app", Other)));
        _fake.AddManifest("app", "artifact", new JsonObject { ["blobs"] = new JsonArray(_fake.AddBlob("app", Content)) });

        (await PullAsync("app:preferred")).Value.Digest.ShouldBe(Content.Digest());
        (await PullAsync("app:first")).Value.Digest.ShouldBe(Content.Digest());
        (await PullAsync("app:artifact")).Value.Digest.ShouldBe(Content.Digest());
    }

    [Theory]
    [InlineData("""{"schemaVersion":2,"layers":[]}""", "MissingLayers")]
    [InlineData("""{"schemaVersion":2}""", "MissingLayers")]
    [InlineData("""{"layers":[{"mediaType":"image/png","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":1}]}""", "PullFailed")]
    [InlineData("""{"layers":[{"mediaType":"application/octet-stream","digest":"sha512:00","size":1}]}""", "Serde")]
    [InlineData("""{"layers":[{"digest":"sha256:00"}]}""", "Serde")]
    [InlineData("""{"layers":[null]}""", "Serde")]
    [InlineData("""{"layers":"many"}""", "Serde")]
    [InlineData("""{"manifests":[]}""", "PullFailed")]
    [InlineData("null", "Serde")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "Serde")]
    [InlineData("<html>", "Serde")]
    [InlineData("", "Serde")]
    public async Task A_manifest_that_is_of_no_use_is_refused_with_its_kind(string manifest, string code)
    {
        _fake.AddRaw("app", "1", Encoding.UTF8.GetBytes(manifest));

        (await PullAsync("app:1")).Refusal.ShouldBeOfType<Refusal.FetchFailed>().Detail("code").ShouldBe(code);
    }

    [Fact]
    public async Task A_manifest_beyond_four_mebibytes_is_refused()
    {
        _fake.AddRaw("app", "1", new byte[(4 << 20) + 1]);

        (await PullAsync("app:1")).Refusal!.Message.ShouldContain("longer than 4,194,304 bytes");
    }

    [Fact]
    public async Task The_manifest_is_asked_for_in_every_form_that_is_understood()
    {
        _fake.AddBundle("app", "1", Content);
        await using var server = await ScriptedServer.StartAsync(_fake.AnswerAsync);
        await Pull.RunAsync($"oci://{server.Authority}/app:1", Push.Plain(server.Authority));

        server.Requests.First()["Accept"].ShouldBe(
            "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.artifact.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
            + "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json");
    }

    [Fact]
    public async Task A_layer_beyond_the_limit_is_refused()
    {
        _fake.AddBundle("app", "1", Content);
        await using var server = await ScriptedServer.StartAsync(_fake.AnswerAsync);
        var (outcome, content) = await Pull.RunAsync($"oci://{server.Authority}/app:1", Push.Plain(server.Authority), maxBytes: 1000);

        outcome.Refusal!.Message.ShouldContain("at most 1,000 bytes");
        content.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("app", "library/app")]
    [InlineData("team/app", "team/app")]
    public async Task The_Hub_is_found_under_its_other_name(string repository, string place)
    {
        _fake.AddBundle(place, "1", Content);
        await using var server = await ScriptedServer.StartAsync(_fake.AnswerAsync, TestCertificates.Loopback);
        using var transport = TestCertificates.Trusting();
        transport.ConnectCallback = LoopbackDial.To(("registry-1.docker.io", server.Address.Port));
        var (outcome, _) = await Pull.RunAsync($"oci://docker.io/{repository}:1", transport: transport);

        outcome.Value.Digest.ShouldBe(Content.Digest());
    }

    [Fact]
    public async Task A_busy_registry_is_asked_again()
    {
        _fake.AddBundle("app", "1", Content);
        var busy = 2;
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            if (busy-- <= 0)
            {
                return _fake.AnswerAsync(context);
            }

            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });

        (await Pull.RunAsync($"oci://{server.Authority}/app:1", Push.Plain(server.Authority))).Outcome.IsOk.ShouldBeTrue();
    }

    private async Task<Outcome<PulledBundle>> PullAsync(string rest)
    {
        await using var server = await ScriptedServer.StartAsync(_fake.AnswerAsync);
        return (await Pull.RunAsync($"oci://{server.Authority}/{rest}", Push.Plain(server.Authority))).Outcome;
    }
}
