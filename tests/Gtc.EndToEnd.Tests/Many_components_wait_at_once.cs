using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gtc.EndToEnd.Tests;

/// <summary>A component that waits for an answer holds its thread; the threads that bring answers must be there all the same.</summary>
public sealed class Many_components_wait_at_once : IDisposable
{
    // A pool that is not told takes about one thread more each second: these would need half a minute, and need less than one second otherwise.
    private const int Messages = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private readonly FreshHome _home = new();
    private readonly CancellationTokenSource _over = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _over.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task A_service_that_answers_nobody_before_all_have_asked_answers_all()
    {
        await using var service = await ServeAsync();
        await DeployAsync(service.Urls.Single());
        await using var worker = await _home.Gtc.StartWorkerAsync("--env", "local", "--egress", new Uri(service.Urls.Single()).Authority);
        using var client = new HttpClient { BaseAddress = worker.Address };
        _over.CancelAfter(Patience);
        var answers = await Task.WhenAll(Enumerable.Range(0, Messages).Select(async number =>
        {
            using var content = new StringContent(
                $$$"""{"tenant":{"env":"local","tenant":"default","tenant_id":"default","attempt":0},"session_id":"s-{{{number}}}","payload":{"text":"London"} }""", Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync("/workers/invoke", content, Token);
            return await answer.Content.ReadAsStringAsync(Token);
        }));
        answers.ShouldAllBe(answer => answer.Contains("adaptive-card", StringComparison.Ordinal));
    }

    private async Task<WebApplication> ServeAsync()
    {
        var asked = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(async context =>
        {
            if (Interlocked.Increment(ref asked) == Messages)
            {
                all.SetResult();
            }

            if (await Task.WhenAny(all.Task, Task.Delay(Timeout.Infinite, _over.Token)) != all.Task || _over.IsCancellationRequested)
            {
                context.Response.StatusCode = 503;
                return;
            }

            await context.Response.SendFileAsync(Path.Combine(Repository.Root, "samples", "weather", "service", "london.json"), context.RequestAborted);
        });
        await server.StartAsync(Token);
        return server;
    }

    private async Task DeployAsync(string service)
    {
        var source = Path.Combine(Repository.Root, "samples", "weather");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = _home.PathTo(Path.Combine("weather", Path.GetRelativePath(source, file)));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var flow = _home.PathTo("weather/packs/weather/flows/weather.ygtc");
        await File.WriteAllTextAsync(flow, (await File.ReadAllTextAsync(flow, Token)).Replace("http://127.0.0.1:8091", service, StringComparison.Ordinal), Token);
        var bundle = _home.PathTo("weather.gtbundle");
        foreach (var words in (string[][])[["bundle", "build", _home.PathTo("weather"), "--output", bundle], ["op", "env", "init"], ["op", "trust-root", "bootstrap"], ["op", "deploy", "--bundle", bundle]])
        {
            var run = await _home.Gtc.RunAsync(words);
            run.ExitCode.ShouldBe(0, run.Errors);
        }
    }
}
