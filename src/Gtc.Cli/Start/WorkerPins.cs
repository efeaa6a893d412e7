using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Cli.Start;

/// <summary>
/// Where a worker keeps session pins: <c>--pins</c>, else <c>GREENTIC_PINS</c>, else what the environment binds in its slot <c>sessions</c>, else its own
/// memory. A password comes from a variable or from the environment's secrets, never from the command line, which everybody on the machine can read.
/// </summary>
internal static class WorkerPins
{
    /// <summary>The variable that holds the place; it may hold the password as well.</summary>
    public const string Variable = "GREENTIC_PINS";

    /// <summary>The variable that holds the password alone.</summary>
    public const string PasswordVariable = "GREENTIC_PINS_PASSWORD";

    private const string Memory = "memory";

    /// <summary>Resolves it, as far as it does not depend on the environment.</summary>
    /// <param name="option">What the command line says, or null.</param>
    /// <param name="layout">Where the environment lies.</param>
    /// <param name="context">Variables, clock and randomness.</param>
    /// <returns>What opens the pins once the environment is known.</returns>
    public static Outcome<Func<EnvironmentDocument, Outcome<PinStore>>> Resolve(string? option, EnvironmentLayout layout, CliContext context)
    {
        if (option is not null && PinStore.HoldsPassword(option))
        {
            return new Refusal.InvalidArgument($"--pins holds a password, which everybody on this machine can read; put it into {PasswordVariable}")
            {
                Next = $"{PasswordVariable}=… {context.ProgramName} start --pins redis://host:6379",
            };
        }

        var given = option ?? context.Variable(Variable);
        var asked = string.IsNullOrWhiteSpace(given) ? null : given.Trim();
        if (asked is not null && asked != Memory && !PinStore.IsPlace(asked, out var expected))
        {
            return new Refusal.InvalidArgument($"{(option is null ? Variable : "--pins")} must be `{Memory}` or {expected}");
        }

        Func<EnvironmentDocument, Outcome<PinStore>> open = document => asked switch
        {
            null => Bound(document, layout, context),
            Memory => PinStore.InMemory(context.Time),
            _ => Connect(asked, string.Empty, context),
        };
        return open;
    }

    private static Outcome<PinStore> Connect(string url, string keyPrefix, CliContext context) =>
        PinStore.Connect(url, context.Variable(PasswordVariable), keyPrefix, context.Time, RandomNumbers.Fraction(context.Random));

    private static Outcome<PinStore> Bound(EnvironmentDocument document, EnvironmentLayout layout, CliContext context)
    {
        if (document.Packs.FirstOrDefault(pack => pack.Slot == CapabilitySlot.Sessions) is not { } binding || binding.Kind.Path != RedisSessionsPack.Path)
        {
            return PinStore.InMemory(context.Time);
        }

        return BoundAnswers.Load(layout.Folder, binding.Kind.Path, binding.AnswersRef, new RedisSessionsPack()).Then(answers =>
            answers.Get(RedisSessionsPack.UrlSecret) is { } reference
                ? ReadUrl(reference, document, layout, context).Then(url => Connect(url, answers.Get(RedisSessionsPack.KeyPrefix) ?? string.Empty, context))
                : (Outcome<PinStore>)new Refusal.Conflict($"the sessions binding {binding.Kind} has no answer `{RedisSessionsPack.UrlSecret}`") { Next = "gtc op env-packs update" });
    }

    /// <summary>The URL is a secret as a whole, since it may hold a password.</summary>
    private static Outcome<string> ReadUrl(string reference, EnvironmentDocument document, EnvironmentLayout layout, CliContext context)
    {
        if (!SecretUri.Parse(reference).TryGet(out var secret, out var refusal))
        {
            return refusal;
        }

        if (!new SecretSource(document, layout, new(context.Variable, context.Time, new RandomSource(context.Random))).Find(secret).TryGet(out var value, out refusal))
        {
            return refusal;
        }

        using (value)
        {
            return value is null ? new Refusal.Missing($"the secret {reference}, the URL of the Redis server for session pins, is not there") { Next = $"{context.ProgramName} op secrets put" }
                : value.IsText ? value.Reveal().Trim()
                : new Refusal.Conflict($"the secret {reference} is no text; the URL of a Redis server was expected");
        }
    }
}
