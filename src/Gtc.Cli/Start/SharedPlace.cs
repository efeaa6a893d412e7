using System.Collections.Immutable;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Cli.Start;

/// <summary>
/// Where a worker keeps what it may share with others: an option, else a variable, else what the environment binds in a slot, else its own memory. A password
/// comes from a variable or from the environment's secrets, never from the command line, which everybody on the machine can read.
/// </summary>
/// <param name="option">The option, e.g. <c>--pins</c>.</param>
/// <param name="variable">The variable that holds the place; it may hold the password as well.</param>
/// <param name="passwordVariable">The variable that holds the password alone.</param>
/// <param name="pack">The env-pack that names the place for the environment.</param>
/// <param name="what">What is kept, for messages.</param>
internal sealed class SharedPlace(string option, string variable, string passwordVariable, RedisPack pack, string what)
{
    private const string Memory = "memory";
    private const string PrefixEnding = "_KEY_PREFIX";

    /// <summary>Sessions: their pins, and those that wait.</summary>
    public static SharedPlace Sessions { get; } = new("--pins", "GREENTIC_PINS", "GREENTIC_PINS_PASSWORD", RedisPack.Sessions, "session pins");

    /// <summary>The state of components.</summary>
    public static SharedPlace State { get; } = new("--state", "GREENTIC_STATE", "GREENTIC_STATE_PASSWORD", RedisPack.State, "the state of components");

    /// <summary>Resolves it, as far as it does not depend on the environment.</summary>
    /// <param name="given">What the command line says, or null.</param>
    /// <param name="layout">Where the environment lies.</param>
    /// <param name="context">Variables, clock and randomness.</param>
    /// <returns>What finds the server once the environment is known; it gives null for this process's memory.</returns>
    public Outcome<Func<EnvironmentDocument, Outcome<RedisPlace?>>> Resolve(string? given, EnvironmentLayout layout, CliContext context)
    {
        if (given is not null && PinStore.HoldsPassword(given))
        {
            return new Refusal.InvalidArgument($"{option} holds a password, which everybody on this machine can read; put it into {passwordVariable}")
            {
                Next = $"{passwordVariable}=… {context.ProgramName} start {option} redis://host:6379",
            };
        }

        var text = given ?? context.Variable(variable);
        var asked = string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        var isSecret = given is null && asked?.StartsWith(References.SecretScheme, StringComparison.Ordinal) == true;
        if (asked is not null && asked != Memory && !isSecret && !PinStore.IsPlace(asked, out var expected))
        {
            return new Refusal.InvalidArgument($"{(given is null ? variable : option)} must be `{Memory}` or {expected}");
        }

        Func<EnvironmentDocument, Outcome<RedisPlace?>> find = document => asked switch
        {
            null => Bound(document, layout, context),
            Memory => (RedisPlace?)null,
            _ when isSecret => Named(asked, context.Variable(variable + PrefixEnding), document, layout, context),
            _ => new RedisPlace(asked, context.Variable(passwordVariable), string.Empty),
        };
        return find;
    }

    /// <summary>What says the same to a worker that has the environment's document and its secrets, and not the answers of its bindings.</summary>
    /// <returns>The variables; none when nothing is bound.</returns>
    public Outcome<ImmutableArray<KeyValuePair<string, string>>> Variables(EnvironmentDocument document, EnvironmentLayout layout)
    {
        if (document.Packs.FirstOrDefault(bound => bound.Slot == pack.Slot) is not { } binding || binding.Kind.Path != pack.DescriptorPath)
        {
            return ImmutableArray<KeyValuePair<string, string>>.Empty;
        }

        return BoundAnswers.Load(layout.Folder, binding.Kind.Path, binding.AnswersRef, pack).Then<ImmutableArray<KeyValuePair<string, string>>>(answers =>
        {
            if (answers.Get(RedisPack.UrlSecret) is not { } reference)
            {
                return NoSecret(binding);
            }

            var place = KeyValuePair.Create(variable, Reference(reference));
            return answers.Get(RedisPack.KeyPrefix) is { Length: > 0 } prefix ? ImmutableArray.Create(place, KeyValuePair.Create(variable + PrefixEnding, prefix)) : ImmutableArray.Create(place);
        });

        static string Reference(string text) => SecretUri.Parse(text).Match(secret => secret.Reference, _ => text);
    }

    private Outcome<RedisPlace?> Bound(EnvironmentDocument document, EnvironmentLayout layout, CliContext context)
    {
        if (document.Packs.FirstOrDefault(bound => bound.Slot == pack.Slot) is not { } binding || binding.Kind.Path != pack.DescriptorPath)
        {
            return (RedisPlace?)null;
        }

        return BoundAnswers.Load(layout.Folder, binding.Kind.Path, binding.AnswersRef, pack).Then(answers =>
            answers.Get(RedisPack.UrlSecret) is { } reference
                ? Named(reference, answers.Get(RedisPack.KeyPrefix), document, layout, context)
                : NoSecret(binding));
    }

    private static Refusal.Conflict NoSecret(EnvPackBinding binding) => new($"the binding {binding.Kind} has no answer `{RedisPack.UrlSecret}`") { Next = "gtc op env-packs update" };

    private Outcome<RedisPlace?> Named(string reference, string? keyPrefix, EnvironmentDocument document, EnvironmentLayout layout, CliContext context) =>
        ReadUrl(reference, document, layout, context).Then(url => (Outcome<RedisPlace?>)new RedisPlace(url, context.Variable(passwordVariable), keyPrefix ?? string.Empty));

    /// <summary>The URL is a secret as a whole, since it may hold a password.</summary>
    private Outcome<string> ReadUrl(string reference, EnvironmentDocument document, EnvironmentLayout layout, CliContext context)
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
            return value is null ? new Refusal.Missing($"the secret {reference}, the URL of the Redis server for {what}, is not there") { Next = $"{context.ProgramName} op secrets put" }
                : value.IsText ? value.Reveal().Trim()
                : new Refusal.Conflict($"the secret {reference} is no text; the URL of a Redis server was expected");
        }
    }
}

/// <summary>A Redis server. It is not printed: the URL may hold a password.</summary>
internal sealed class RedisPlace(string url, string? password, string keyPrefix)
{
    public string Url { get; } = url;

    public string? Password { get; } = password;

    public string KeyPrefix { get; } = keyPrefix;
}
