namespace Gtc.Cli.Tests.Op.Clusters;

public class An_environment_in_a_cluster_ends_as_it_was_seen
{
    [Fact]
    public async Task One_that_was_changed_while_it_was_taken_away_is_not_destroyed_unseen()
    {
        await using var bench = await ClusterBench.OpenAsync();
        await bench.RoutedAsync();
        await bench.Cli.OpAsync("env reconcile");
        var isAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isChanged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Cluster.Before = async context =>
        {
            if (context.Request.Method == "DELETE")
            {
                isAsked.TrySetResult();
                await isChanged.Task;
            }

            return false;
        };
        var ending = Staged.RefusedAsync(bench.Cli, "env destroy local --force --confirm");
        await Task.WhenAny(isAsked.Task, ending);
        await bench.Cli.OpAsync("env update --name Ada");
        isChanged.SetResult();
        var refused = await ending;
        (refused.Kind, refused.Message).ShouldBe(("conflict", "environment `local` was changed by somebody else meanwhile; nothing was done"));
        refused.Stderr.ShouldContain("gtc op env reconcile local brings everything back");
        (await Staged.DocumentAsync(bench.Cli)).GetProperty("name").GetString().ShouldBe("Ada");
        await bench.Cli.OpAsync("env destroy local --force --confirm");
    }
}
