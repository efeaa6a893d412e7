using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Gtc.Kubernetes.Tests;

/// <summary>A server on a free loopback port that answers as a test says, and writes down what it was asked.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly WebApplication _application;
    private int _count;

    private ScriptedApi(WebApplication application) => _application = application;

    public Uri Address { get; private set; } = null!;

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <param name="answer">What a request gets; the number counts them from zero.</param>
    /// <param name="retryAfter">The seconds that every answer tells to wait; null: it says nothing of that.</param>
    public static async Task<ScriptedApi> StartAsync(Func<HttpRequest, int, (int Status, string Body)> answer, int? retryAfter = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var api = new ScriptedApi(application);
        application.Run(async context =>
        {
            var request = context.Request;
            using var reader = new StreamReader(request.Body);
            api.Asked.Enqueue($"{request.Method} {request.GetEncodedPathAndQuery()} {request.ContentType} {request.Headers.Authorization} {await reader.ReadToEndAsync()}".TrimEnd());
            var (status, body) = answer(request, Interlocked.Increment(ref api._count) - 1);
            context.Response.StatusCode = status;
            if (retryAfter is not null)
            {
                context.Response.Headers.RetryAfter = $"{retryAfter}";
            }

            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        });
        await application.StartAsync(TestContext.Current.CancellationToken);
        api.Address = new Uri(application.Urls.Single());
        return api;
    }

    public KubeClient Client(KubeConfig? config = null) => new(config ?? new KubeConfig { Server = Address }, TimeSpan.FromSeconds(20), TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        // Requests that are under way are not waited for: the test is over.
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}
