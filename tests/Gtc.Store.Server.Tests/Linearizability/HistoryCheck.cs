using System.Collections;

namespace Gtc.Store.Server.Tests.Linearizability;

/// <summary>
/// Looks for an order of all operations in which each takes effect at one instant between its begin and its end, and each answer is what a register would have said (Wing and Gong, with
/// the memory of Lowe: the same operations in the same state need not be tried twice).
/// </summary>
public static class HistoryCheck
{
    /// <summary>Whether there is one.</summary>
    /// <param name="initial">What the register held before.</param>
    /// <param name="operations">All operations.</param>
    public static bool IsLinearizable(Register initial, IEnumerable<Operation> operations)
    {
        Operation[] all = [.. operations.Where(operation => operation is not { Writes: null, Ended: Operation.Never }).OrderBy(operation => operation.Began)];
        var open = all.Count(operation => operation.Ended != Operation.Never);
        var seen = new HashSet<(string, Register)>();
        var path = new Stack<(Register State, IEnumerator<int> Next, int Taken)>();
        var taken = new BitArray(all.Length);
        path.Push((initial, Candidates(all, taken).GetEnumerator(), -1));
        while (open > 0)
        {
            var (state, next, _) = path.Peek();
            if (!next.MoveNext())
            {
                var (_, _, undone) = path.Pop();
                if (path.Count == 0)
                {
                    return false;
                }

                taken[undone] = false;
                open += all[undone].Ended == Operation.Never ? 0 : 1;
                continue;
            }

            if (all[next.Current].Apply(state) is not { } after)
            {
                continue;
            }

            taken[next.Current] = true;
            if (!seen.Add((Key(taken), after)))
            {
                taken[next.Current] = false;
                continue;
            }

            open -= all[next.Current].Ended == Operation.Never ? 0 : 1;
            path.Push((after, Candidates(all, taken).GetEnumerator(), next.Current));
        }

        return true;
    }

    /// <summary>Those that began before any that is left had ended; the ones without an answer last.</summary>
    private static List<int> Candidates(Operation[] all, BitArray taken)
    {
        var firstEnd = Operation.Never;
        for (var index = 0; index < all.Length; index++)
        {
            firstEnd = taken[index] ? firstEnd : Math.Min(firstEnd, all[index].Ended);
        }

        return [.. Enumerable.Range(0, all.Length).Where(index => !taken[index] && all[index].Began <= firstEnd).OrderBy(index => all[index].Ended)];
    }

    private static string Key(BitArray taken)
    {
        var bytes = new byte[(taken.Length + 7) / 8];
        taken.CopyTo(bytes, 0);
        return Convert.ToBase64String(bytes);
    }
}
