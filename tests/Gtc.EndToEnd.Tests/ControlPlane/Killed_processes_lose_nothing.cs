using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gtc.EndToEnd.Tests.ControlPlane;

/// <summary>kill -9 under load, 500 times in all: the environment opens, is of the old or the new generation, and has everything that was acknowledged.</summary>
public sealed class Killed_processes_lose_nothing
{
    private const int AtOnce = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Writers that change without a pause, each killed within one of its changes while the others go on.</summary>
    [Fact]
    public async Task One_hundred_kills_of_writers_that_never_pause()
    {
        const int Kills = 100;
        using var shared = await SharedEnvironment.CreateAsync();
        var acknowledged = new ConcurrentBag<string>();
        var random = new Random(20_261_121);
        ulong before = 1;
        for (var killed = 0; killed < Kills; killed += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(killed, AtOnce)
                .Select(number => (Number: number, Answers: random.Next(0, 30), Spins: random.Next(0, 60_000)))
                .Select(plan => KillAsync(shared.StartWorker(plan.Number % 2 == 0 ? "mutate" : "follow", $"k{plan.Number}", "1000000"), plan.Answers, plan.Spins, acknowledged)));
            var when = $"after kill {killed + AtOnce}";
            var generation = killed % (5 * AtOnce) == 0 ? await shared.ShouldBeWholeAsync(acknowledged, when) : await shared.ShouldOpenAsync(before, when);

            // What nobody heard of may stand too, one change for each process that was killed.
            generation.ShouldBeInRange(1 + (ulong)acknowledged.Count, 1 + (ulong)(acknowledged.Count + killed + AtOnce), when);
            before = generation;
        }

        await shared.ShouldBeWholeAsync(acknowledged, "after all of them");
        acknowledged.Count.ShouldBeGreaterThan(Kills);
    }

    /// <summary>The published executable, killed anywhere between its start and its end.</summary>
    [Fact]
    public async Task Four_hundred_kills_of_the_published_executable()
    {
        const int Kills = 400;
        using var shared = await SharedEnvironment.CreateAsync();
        var acknowledged = new ConcurrentBag<string>();
        var random = new Random(20_261_122);
        var longest = 60.0;
        var (killed, turn, before) = (0, 0, 1ul);
        while (killed < Kills)
        {
            var plans = Enumerable.Range(0, AtOnce).Select(number => (Number: (turn * AtOnce) + number, After: TimeSpan.FromMilliseconds(1 + (random.NextDouble() * longest)))).ToList();
            var began = Stopwatch.GetTimestamp();
            var deaths = await Task.WhenAll(plans.Select(plan => KillGtcAsync(shared, plan.Number, plan.After, acknowledged)));
            killed += deaths.Count(died => died);

            // The moments follow the machine: about one in four processes gets to its end.
            longest *= deaths.Count(died => died) switch { AtOnce => 1.15, AtOnce - 1 => 1.0, _ => 0.87 };
            turn++;
            before = await shared.ShouldOpenAsync(before, $"after kill {killed}");
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(30), "somebody was blocked");
        }

        await shared.ShouldBeWholeAsync(acknowledged, "after all of them");
        acknowledged.ShouldNotBeEmpty("some were quicker than their end");
    }

    private static async Task KillAsync(Process process, int answers, int spins, ConcurrentBag<string> acknowledged)
    {
        using (process)
        {
            while (answers-- > 0 && await process.StandardOutput.ReadLineAsync(Token) is { } line)
            {
                acknowledged.Add(SharedEnvironment.Acknowledged(line).Key);
            }

            Thread.SpinWait(spins);
            process.HasExited.ShouldBeFalse();
            process.Kill();
            while (await process.StandardOutput.ReadLineAsync(Token) is { } line)
            {
                acknowledged.Add(SharedEnvironment.Acknowledged(line).Key);
            }

            (await process.StandardError.ReadToEndAsync(Token)).ShouldBeEmpty();
            await process.WaitForExitAsync(Token);
        }
    }

    private static async Task<bool> KillGtcAsync(SharedEnvironment shared, int number, TimeSpan after, ConcurrentBag<string> acknowledged)
    {
        var key = $"g{number}";
        using var process = shared.StartGtc(key, 2 + (number % 9_000));
        using var timer = new PeriodicTimer(after);
        await timer.WaitForNextTickAsync(Token);
        process.Kill();
        await process.WaitForExitAsync(Token);
        var answer = await process.StandardOutput.ReadToEndAsync(Token);

        // A whole line of answer is an acknowledgement, whether or not the process got to its end afterwards.
        if (answer.EndsWith('\n'))
        {
            acknowledged.Add(key);
        }

        return process.ExitCode != 0;
    }
}
