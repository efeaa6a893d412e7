using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;

namespace Gtc.Load.Fleet;

/// <summary>
/// What the API server takes at all: a bare loop of status patches with no operator, beside the devices' writes and without them, so that it is known how
/// much of a run's latency is the API server's.
/// </summary>
internal sealed class PatchFloor(FleetOptions options, FleetCluster cluster, SimulatedDevices devices, FleetReport report)
{
    private static readonly KubeKind Kind = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;
    private static readonly string[] Conditions = ["Accepted", "Progressing", "Available", "Degraded"];
    private long _next;
    private long _errors;

    public async Task RunAsync()
    {
        await cluster.Operator.KillAsync();
        foreach (var rate in (double[])[0, options.TotalRate])
        {
            devices.Rate = rate;
            await Task.Delay(options.Ramp);
            var words = string.Create(CultureInfo.InvariantCulture, $"{rate:N0} writes/s");
            foreach (var atATime in (int[])[4, 8, 16, 32])
            {
                await MeasureAsync($"{words}, {atATime:D2} at a time, small patch", atATime, Small);
            }

            await MeasureAsync($"{words}, 16 at a time, whole status", 16, Whole);
            await MeasureReadingAsync($"{words}, 16 at a time, small patch, whole answer read", 16);
        }

        devices.Rate = 0;
        report.None("errors", Interlocked.Read(ref _errors));
    }

    private static byte[] Small(long number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"status":{"aggregate":{"succeeded":{{number % 10}},"failed":{{10 - (number % 10)}},"lastError":{"deviceId":"device-{{number}}","message":"stamp {{number}}"} } } }"""));

    private static byte[] Whole(long number)
    {
        var status = new Gtc.Fleet.Contracts.DeploymentStatus
        {
            ObservedGeneration = 1,
            ObservedScoreHash = ScoreHash.Of("x"u8),
            Aggregate = new FleetAggregate
            {
                MatchedDeviceCount = 10,
                Succeeded = number % 10,
                Failed = 10 - (number % 10),
                Pending = 0,
                Stale = 0,
                LastError = new AggregateError { DeviceId = $"device-{number}", Message = $"stamp {number}" },
                FailedDevices = [.. Enumerable.Range(0, 5).Select(device => $"device-{number + device}")],
            },
            Conditions =
            [
                .. Conditions.Select(type => new ResourceCondition { Type = type, Status = "True", Reason = "DeviceFailures", Message = $"{number % 10} of 10 devices failed", LastTransitionTime = DateTimeOffset.UnixEpoch }),
            ],
        };
        return Encoding.UTF8.GetBytes($$"""{"status":{{JsonSerializer.Serialize(status, ResourceJson.Default.DeploymentStatus)}}}""");
    }

    private Task MeasureAsync(string words, int atATime, Func<long, byte[]> patch) => MeasureAsync(words, atATime, async (name, number, stop) =>
    {
        var answer = await cluster.Client.MergeStatusAsync(Kind, FleetCluster.Namespace, name, patch(number), "floor", stop);
        answer.Value?.Dispose();
        return answer.Error;
    });

    private Task MeasureReadingAsync(string words, int atATime) => MeasureAsync(words, atATime, async (name, number, stop) =>
    {
        var answer = await cluster.Client.MergeStatusAsync(Kind, FleetCluster.Namespace, name, JsonElement.Parse(Small(number)), "floor", stop);
        answer.Value?.Dispose();
        return answer.Error;
    });

    private async Task MeasureAsync(string words, int atATime, Func<string, long, CancellationToken, Task<KubeError?>> patch)
    {
        var meters = cluster.Meters(hasOperator: false);
        var (began, count) = (Stopwatch.StartNew(), 0L);
        var written = devices.Acknowledged;
        using var ends = new CancellationTokenSource(options.Duration);
        await Task.WhenAll(Enumerable.Range(0, atATime).Select(async _ =>
        {
            while (!ends.IsCancellationRequested)
            {
                var number = Interlocked.Increment(ref _next);
                var error = await patch(FleetNames.Deployment((int)(number % options.Deployments)), number, CancellationToken.None);
                Interlocked.Add(ref error is null ? ref count : ref _errors, 1);
            }
        }));
        var seconds = began.Elapsed.TotalSeconds;
        var uses = meters.ConvertAll(meter => meter.Read());
        report.Facts[words] = string.Create(CultureInfo.InvariantCulture, $"{count / seconds:F0} patches/s, {(devices.Acknowledged - written) / seconds:F0} writes/s, cores: {string.Join(", ", uses.Select(use => $"{use.Name} {use.Cores:F2}"))}");
    }
}
