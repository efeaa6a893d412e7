using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Tests;

/// <summary>Writes a long journal quickly: many records a flush, and no views.</summary>
internal static class LongJournal
{
    public static void Write(Workbench bench, IFileCalls calls, int generations, int keys = int.MaxValue)
    {
        var environment = Workbench.Env("prod");
        var writer = new JournalWriter(new AtomicFile(calls, bench.Count), bench.Layout.Environment(environment));
        var intent = new MutationIntent(environment, "env", "update", new JsonObject { ["environment_id"] = "prod" });
        var document = The_runtime_config_follows.Routed();
        var attempt = new AttemptSummary { IsCommitted = true, Document = document };
        var hash = AuditChain.Anchor([]);
        for (var number = 1; number <= generations;)
        {
            var entries = new List<JournalEntry>();
            for (; entries.Count < 64 && number <= generations; number++)
            {
                (var line, hash) = AuditChain.Seal(AuditLines.Line(intent, attempt, bench.Time.Now, bench.Count), hash);
                entries.Add(new JournalEntry
                {
                    Sequence = number,
                    Generation = (ulong)number,
                    Audit = line,
                    Hash = hash,
                    Document = Standing.ToJournal(document with { Name = $"{number - 1}" }),
                    Key = number <= keys ? $"k{number}" : null,
                });
            }

            writer.Append(entries);
        }
    }
}
