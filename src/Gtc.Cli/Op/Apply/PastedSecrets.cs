using System.Collections.Immutable;
using System.Security.Cryptography;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Apply;

/// <summary>Values that a person pasted at the terminal, kept until they are written.</summary>
internal sealed class PastedSecrets : IDisposable
{
    private readonly Dictionary<string, SecretValue> _values = new(StringComparer.Ordinal);

    /// <summary>Whose values are at hand.</summary>
    public IEnumerable<string> Paths => _values.Keys;

    /// <summary>Asks for everything that can only be pasted; in a pipe nothing is asked, and it stays missing.</summary>
    /// <returns>Null on success.</returns>
    public async Task<Refusal?> AskAsync(ImmutableArray<MissingInput> missing, CliContext context, CancellationToken cancellationToken)
    {
        if (context.AskHidden is not { } ask)
        {
            return null;
        }

        foreach (var input in missing.Where(input => input.Source == "paste"))
        {
            var typed = await ask(context.Stderr, $"Value of {input.Key} (not shown): ", cancellationToken);
            try
            {
                if (!SecretValue.Of(typed).TryGet(out var value, out var refusal))
                {
                    return refusal;
                }

                _values.Add(input.Key, value);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(typed);
            }
        }

        return null;
    }

    /// <summary>The value that a step writes: a pasted one stays this object's, that of a variable is the caller's to dispose.</summary>
    public Outcome<SecretValue> ValueOf(ApplyStep.PutSecret step, CliContext context) =>
        // The variable was set when the plan was made, and a process's variables do not change by themselves.
        step.FromEnv is { } variable ? SecretValue.Of(context.Variable(variable) ?? "") : _values[step.Path];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in _values.Values)
        {
            value.Dispose();
        }
    }
}
