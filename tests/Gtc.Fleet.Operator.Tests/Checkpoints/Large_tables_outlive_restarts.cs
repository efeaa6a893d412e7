using System.Collections.Immutable;
using System.Text;

namespace Gtc.Fleet.Operator.Tests.Checkpoints;

/// <summary>
/// Tables of many pages that grow, shrink, are cut and begin anew: only pages that changed are written, and what is read of all of them is what there was.
/// </summary>
public sealed class Large_tables_outlive_restarts
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_every_row_and_no_other(int seed)
    {
        var random = new Random(seed);
        var said = new Dictionary<string, Phase>();
        var pages = new Dictionary<PageId, byte[]>();
        var tables = new FleetTables();
        tables.SetDeployment("app", new DeploymentIntent("uid", [], new ScoreId(1), IsPaused: false, IsBatched: false));
        var sequence = 0L;
        for (var round = 0; round < 12; round++)
        {
            if (random.Next(3) == 0)
            {
                Shrink(tables, said, random);
            }

            for (var left = random.Next(1, round % 4 == 0 ? 20_000 : 40); left > 0; left--)
            {
                var id = $"pi-{random.Next(30_000)}";
                said[id] = random.Next(2) == 0 ? Phase.Running : Phase.Failed;
                tables.SetDevice(id, ImmutableDictionary<string, string>.Empty, isPaused: false);
                tables.Report(Encoding.ASCII.GetBytes(id), "app"u8, said[id], new ScoreId(1), ++sequence);
            }

            Cut(tables, pages);
            if (random.Next(2) == 0)
            {
                tables = FleetTables.Read([.. pages.Select(page => (page.Key, page.Value))]);
            }

            // What a start at this moment would find.
            var read = FleetTables.Read([.. pages.Select(page => (page.Key, page.Value))]);
            read.Pairs.ShouldBe(said.Count);
            var counts = read.CountsOf("app").ShouldNotBeNull();
            (counts.Matched, counts.Succeeded, counts.Failed).ShouldBe((said.Count, said.Values.Count(phase => phase == Phase.Running), said.Values.Count(phase => phase == Phase.Failed)));
        }
    }

    /// <summary>As the header says which pages belong to a cut: those of before that there are no more do not.</summary>
    private static void Cut(FleetTables tables, Dictionary<PageId, byte[]> pages)
    {
        foreach (var page in tables.TakeDirtyPages().Where(tables.HasPage))
        {
            pages[page] = tables.WritePage(page);
        }

        var all = tables.Pages.ToHashSet();
        foreach (var page in pages.Keys.Where(page => !all.Contains(page)).ToList())
        {
            pages.Remove(page);
        }
    }

    private static void Shrink(FleetTables tables, Dictionary<string, Phase> said, Random random)
    {
        foreach (var id in said.Keys.Where(_ => random.Next(5) > 0).ToList())
        {
            said.Remove(id);
            tables.PurgeDevice(id);
        }
    }
}
