using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>
/// A registry on loopback that serves the demo's images (OCI distribution specification 1.0, reading only). It can stop in the middle of an image, so that
/// a device can be powered off while it pulls.
/// </summary>
internal sealed class DemoRegistry : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly FrozenDictionary<string, DemoBlob> _manifests;
    private readonly FrozenDictionary<string, DemoBlob> _blobs;
    private volatile Hold? _hold;

    private DemoRegistry(WebApplication application, IReadOnlyList<DemoImage> images)
    {
        _application = application;
        _manifests = images.SelectMany(image => (KeyValuePair<string, DemoBlob>[])[new(image.Tag, image.Manifest), new(image.Manifest.Digest, image.Manifest)])
            .DistinctBy(pair => pair.Key).ToFrozenDictionary(StringComparer.Ordinal);
        _blobs = images.SelectMany(image => image.Parts).DistinctBy(blob => blob.Digest).ToFrozenDictionary(blob => blob.Digest, StringComparer.Ordinal);
    }

    /// <summary>The host as images name it, e.g. <c>127.0.0.1:40123</c>.</summary>
    public string Host { get; private set; } = "";

    /// <summary>Serves images on a free port.</summary>
    public static async Task<DemoRegistry> StartAsync(IReadOnlyList<DemoImage> images, CancellationToken cancellationToken)
    {
        // The empty builder reads no configuration: neither files nor variables of the surroundings change what is served.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var registry = new DemoRegistry(builder.Build(), images);
        registry._application.Run(registry.AnswerAsync);
        await registry._application.StartAsync(cancellationToken);
        var addresses = registry._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        registry.Host = new Uri(addresses.Addresses.Single()).Authority;
        return registry;
    }

    /// <summary>The full reference of a tag.</summary>
    public string Reference(string tag) => $"{Host}/{DemoImage.Repository}:{tag}";

    /// <summary>Stops in the middle of an image's last layer, whoever asks for it.</summary>
    /// <returns>Ends when somebody has half of it.</returns>
    public Task HoldAsync(DemoImage image)
    {
        var hold = new Hold(image.Parts[^1].Digest);
        _hold = hold;
        return hold.Reached.Task;
    }

    /// <summary>Goes on.</summary>
    public void Release()
    {
        var hold = _hold;
        _hold = null;
        hold?.Released.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        using var farewell = new CancellationTokenSource(TimeSpan.Zero);
        await _application.StopAsync(farewell.Token);
        await _application.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext call)
    {
        var path = call.Request.Path.Value ?? "";
        call.Response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        if (path is "/v2/" or "/v2")
        {
            return Task.CompletedTask;
        }

        const string Manifests = $"/v2/{DemoImage.Repository}/manifests/";
        const string Blobs = $"/v2/{DemoImage.Repository}/blobs/";
        var found = path.StartsWith(Manifests, StringComparison.Ordinal) ? _manifests.GetValueOrDefault(path[Manifests.Length..])
            : path.StartsWith(Blobs, StringComparison.Ordinal) ? _blobs.GetValueOrDefault(path[Blobs.Length..])
            : null;
        return found is null ? UnknownAsync(call, path) : GiveAsync(call, found);
    }

    private static async Task UnknownAsync(HttpContext call, string path)
    {
        call.Response.StatusCode = StatusCodes.Status404NotFound;
        call.Response.ContentType = "application/json";
        var code = path.Contains("/manifests/", StringComparison.Ordinal) ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN";
        await call.Response.WriteAsync($$"""{"errors":[{"code":"{{code}}","message":"the demo has no such image"}]}""", call.RequestAborted);
    }

    private async Task GiveAsync(HttpContext call, DemoBlob blob)
    {
        call.Response.ContentType = blob.MediaType;
        call.Response.ContentLength = blob.Bytes.Length;
        call.Response.Headers["Docker-Content-Digest"] = blob.Digest;
        call.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{blob.Digest}\"");
        if (HttpMethods.IsHead(call.Request.Method))
        {
            return;
        }

        if (_hold is { } hold && hold.Digest == blob.Digest)
        {
            var half = blob.Bytes.Length / 2;
            await call.Response.Body.WriteAsync(blob.Bytes.AsMemory(0, half), call.RequestAborted);
            await call.Response.Body.FlushAsync(call.RequestAborted);
            hold.Reached.TrySetResult();
            await hold.Released.Task.WaitAsync(call.RequestAborted);
            await call.Response.Body.WriteAsync(blob.Bytes.AsMemory(half), call.RequestAborted);
            return;
        }

        await call.Response.Body.WriteAsync(blob.Bytes, call.RequestAborted);
    }

    private sealed record Hold(string Digest)
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
