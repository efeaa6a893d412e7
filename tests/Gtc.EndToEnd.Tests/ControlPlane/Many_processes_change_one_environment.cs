using System.Diagnostics;
using System.Globalization;

namespace Gtc.EndToEnd.Tests.ControlPlane;

public sealed class Many_processes_change_one_environment
{
    private const int Processes = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_processes_with_two_hundred_changes_each_make_sixteen_hundred_generations_although_a_holder_of_the_lock_is_killed()
    {
        const int Each = 200;
        using var shared = await SharedEnvironment.CreateAsync();
        using var holder = shared.StartWorker("hold");
        (await holder.StandardOutput.ReadLineAsync(Token)).ShouldBe("held");
        var writers = Enumerable.Range(0, Processes).Select(number => shared.StartWorker(number % 2 == 0 ? "mutate" : "follow", $"p{number}", $"{Each}")).ToList();
        holder.Kill();

        var answers = await Task.WhenAll(writers.Select(ReadAsync));
        var acknowledged = answers.SelectMany(lines => lines).ToList();

        acknowledged.Select(answer => answer.Generation).Order().ShouldBe(Enumerable.Range(2, Processes * Each).Select(number => (ulong)number));
        foreach (var lines in answers)
        {
            lines.Select(answer => answer.Generation).ShouldBeInOrder();
        }

        (await shared.ShouldBeWholeAsync([.. acknowledged.Select(answer => answer.Key)], "after all of them")).ShouldBe(1 + (ulong)(Processes * Each));
        var history = (await shared.Store.HistoryAsync(SharedEnvironment.Local, int.MaxValue, null, Token)).Value.ToDictionary(entry => entry.Generation, entry => entry.IdempotencyKey);
        foreach (var (key, generation) in acknowledged)
        {
            history[generation].ShouldBe(key);
        }
    }

    [Fact]
    public async Task Eight_shells_with_the_published_executable_lose_no_update()
    {
        const int Each = 20;
        using var shared = await SharedEnvironment.CreateAsync();

        var keys = await Task.WhenAll(Enumerable.Range(0, Processes).Select(shell => Task.Run(async () =>
        {
            for (var number = 1; number <= Each; number++)
            {
                // Every call asks for weights of its own, so that each is a change wherever it comes in the order.
                using var process = shared.StartGtc($"s{shell}-{number}", 2 + (shell * Each) + number);
                var errors = await process.StandardError.ReadToEndAsync(Token);
                await process.WaitForExitAsync(Token);
                process.ExitCode.ShouldBe(0, errors);
            }

            return Enumerable.Range(1, Each).Select(number => string.Create(CultureInfo.InvariantCulture, $"s{shell}-{number}"));
        }, Token)));

        (await shared.ShouldBeWholeAsync([.. keys.SelectMany(key => key)], "after all of them")).ShouldBe(1 + (ulong)(Processes * Each));
    }

    private static async Task<List<(string Key, ulong Generation)>> ReadAsync(Process process)
    {
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync(Token);
            var answers = new List<(string, ulong)>();
            while (await process.StandardOutput.ReadLineAsync(Token) is { } line)
            {
                answers.Add(SharedEnvironment.Acknowledged(line));
            }

            await process.WaitForExitAsync(Token);
            process.ExitCode.ShouldBe(0, await errors);
            return answers;
        }
    }
}
