using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>Stands for Telegram: takes what bots send over loopback HTTP and keeps it, in order.</summary>
internal sealed class TelegramApi : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<(string Path, JsonElement Body)> _calls = new();

    private TelegramApi(WebApplication application) => _application = application;

    public Uri Address { get; private set; } = null!;

    /// <summary>What came in so far.</summary>
    public IReadOnlyList<(string Path, JsonElement Body)> Calls => [.. _calls];

    /// <summary>Which status a call gets; it may wait.</summary>
    public Func<JsonElement, Task<int>> Answer { get; set; } = _ => Task.FromResult(200);

    /// <summary>Begins on a free loopback port.</summary>
    public static async Task<TelegramApi> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var telegram = new TelegramApi(application);
        application.Run(async context =>
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body);
            var body = document.RootElement.Clone();
            var status = await telegram.Answer(body);
            if (status < 300)
            {
                telegram._calls.Enqueue((context.Request.Path, body));
            }

            context.Response.StatusCode = status;
            await context.Response.Body.WriteAsync("""{"ok":true}"""u8.ToArray());
        });
        await application.StartAsync(TestContext.Current.CancellationToken);
        telegram.Address = new Uri(application.Urls.Single());
        return telegram;
    }

    /// <summary>The texts that were sent to a chat, in order.</summary>
    public string[] Sent(string chat) =>
        [.. Calls.Where(call => call.Path.EndsWith("/sendMessage", StringComparison.Ordinal) && call.Body.GetProperty("chat_id").GetString() == chat).Select(call => call.Body.GetProperty("text").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        // Calls that are under way are not waited for: the test is over.
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}
