using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

// A server behind a router, to be killed: answers its name and process id, echoes on /socket and tells on /events.
if (args is not [var name, var port])
{
    await Console.Error.WriteLineAsync("usage: Gtc.Proxy.Backend NAME PORT");
    return 2;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)));
var app = builder.Build();
var answer = Encoding.UTF8.GetBytes($"{name} {Environment.ProcessId}");
app.UseWebSockets();
app.Run(context => context.Request.Path.Value switch
{
    "/socket" => EchoAsync(context),
    "/events" => TellAsync(context),
    _ => AnswerAsync(context),
});
await app.RunAsync();
return 0;

async Task AnswerAsync(HttpContext context)
{
    context.Response.ContentLength = answer.Length;
    await context.Response.Body.WriteAsync(answer, context.RequestAborted);
}

async Task EchoAsync(HttpContext context)
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    await socket.SendAsync(answer, WebSocketMessageType.Text, true, context.RequestAborted);
    var buffer = new byte[1024];
    while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
    {
        await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, true, context.RequestAborted);
    }

    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
}

async Task TellAsync(HttpContext context)
{
    context.Response.ContentType = "text/event-stream";
    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
    do
    {
        await context.Response.WriteAsync($"data: {name} {Environment.ProcessId}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
    while (await timer.WaitForNextTickAsync(context.RequestAborted));
}
