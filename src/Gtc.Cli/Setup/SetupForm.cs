using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Cli.Payloads;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Setup;

/// <summary>Fills everything that is asked, from answers or at the terminal, and makes a manifest of it.</summary>
/// <param name="scene">What is asked.</param>
/// <param name="answers">What was answered beforehand.</param>
/// <param name="asking">Asks at the terminal; null when nobody can be asked.</param>
/// <param name="variable">Reads an environment variable.</param>
internal sealed class SetupForm(SetupScene scene, SetupAnswers answers, SetupAsking? asking, Func<string, string?> variable)
{
    private readonly List<RefusalDetail> _missing = [];
    private readonly ImmutableArray<ManifestSecret>.Builder _secrets = ImmutableArray.CreateBuilder<ManifestSecret>();

    /// <summary>Fills it.</summary>
    /// <returns>The manifest, or a refusal that lists everything that is missing at once.</returns>
    public async Task<Outcome<EnvManifest>> FillAsync(CancellationToken cancellationToken)
    {
        if (FindStranger() is { } stranger)
        {
            return stranger;
        }

        var packs = ImmutableArray.CreateBuilder<ManifestPack>();
        foreach (var bound in scene.EnvPacks)
        {
            if (!(await EnvPackAsync(bound, cancellationToken)).TryGet(out var pack, out var refusal))
            {
                return refusal;
            }

            packs.AddRange(pack);
        }

        var overrides = scene.Deployment?.ConfigOverrides ?? ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, JsonElement>>(StringComparer.Ordinal);
        foreach (var pack in scene.Packs)
        {
            if (!(await PackAsync(pack, cancellationToken)).TryGet(out var settings, out var refusal))
            {
                return refusal;
            }

            overrides = settings.IsEmpty ? overrides : overrides.SetItem(pack.Pack, settings);
        }

        if (!(await CustomerAsync(cancellationToken)).TryGet(out var customer, out var unnamed))
        {
            return unnamed;
        }

        return _missing.Count == 0 ? Manifest(packs.ToImmutable(), overrides, customer.Length == 0 ? null : customer) : Missing();
    }

    private EnvManifest Manifest(ImmutableArray<ManifestPack> packs, ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>> overrides, string? customer) => new()
    {
        Schema = Schemas.EnvManifest,
        Environment = new ManifestEnvironment { Id = scene.At.Environment.ToString() },
        TrustRoot = "bootstrap",
        Packs = packs.IsEmpty ? null : packs,
        Secrets = _secrets.Count == 0 ? null : _secrets.ToImmutable(),
        Bundles = scene.Bundle is not { } bundle ? null :
        [
            new ManifestBundle
            {
                BundleId = bundle.Manifest.BundleId,
                BundlePath = bundle.Path,
                CustomerId = customer,
                ConfigOverrides = overrides.IsEmpty ? null : overrides,
                RouteBinding = scene.Deployment is null ? new ManifestRoute { PathPrefixes = ["/"] } : null,
            },
        ],
    };

    private Refusal.InvalidArgument? FindStranger()
    {
        var slots = scene.EnvPacks.Select(bound => PackVerbs.Text(bound.Binding.Slot)).ToList();
        if (answers.EnvPacks?.Keys.FirstOrDefault(slot => !slots.Contains(slot)) is { } strange)
        {
            return Unknown($"env_packs.{strange}", slots);
        }

        foreach (var (name, given) in answers.Packs ?? ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>.Empty)
        {
            var pack = scene.Packs.FirstOrDefault(candidate => candidate.Pack == name);
            if (pack is null)
            {
                return Unknown($"packs.{name}", scene.Packs.Select(candidate => candidate.Pack));
            }

            var known = pack.Questions.Select(question => question.Question.Id).ToList();
            if (given.Keys.FirstOrDefault(key => !known.Contains(key)) is { } key)
            {
                return Unknown($"packs.{name}.{key}", known);
            }
        }

        return null;
    }

    private async Task<Outcome<ImmutableArray<ManifestPack>>> EnvPackAsync(BoundPack bound, CancellationToken cancellationToken)
    {
        var slot = PackVerbs.Text(bound.Binding.Slot);
        if (answers.EnvPacks is { } all && all.TryGetValue(slot, out var given))
        {
            return AnswersReader.Read(bound.Handler, given).Then<ImmutableArray<ManifestPack>>(_ => ImmutableArray.Create(Bind(bound, given)));
        }

        var before = bound.Before?.Set ?? ImmutableSortedDictionary<string, string>.Empty;
        var told = new JsonObject();
        foreach (var question in bound.Form.Questions)
        {
            var known = before.GetValueOrDefault(question.Id);
            var answer = known;
            if (!question.Advanced && Asks(question, known))
            {
                asking!.Head($"{bound.Form.Title} ({slot}, {bound.Binding.Kind})", bound.Form.Presentation?.Intro);
                if (!(await asking.AskAsync(question, known ?? question.DefaultValue, cancellationToken)).TryGet(out answer, out var refusal))
                {
                    return refusal;
                }
            }
            else if (question.Required && known is null)
            {
                Lacks($"env_packs.{slot}.{question.Id}", question.Title);
            }

            if (answer is { Length: > 0 } && (known is not null || answer != question.DefaultValue))
            {
                told[question.Id] = question.Type == QuestionType.Flag ? JsonValue.Create(answer == "true") : JsonValue.Create(answer);
            }
        }

        var element = JsonElement.Parse(told.ToJsonString());
        return _missing.Count > 0 || told.All(member => before.GetValueOrDefault(member.Key) == member.Value!.ToString()) && told.Count == before.Count
            ? ImmutableArray<ManifestPack>.Empty
            : AnswersReader.Read(bound.Handler, element).Then<ImmutableArray<ManifestPack>>(_ => ImmutableArray.Create(Bind(bound, element)));
    }

    private static ManifestPack Bind(BoundPack bound, JsonElement told) => new()
    {
        Slot = PackVerbs.Text(bound.Binding.Slot),
        Kind = bound.Binding.Kind.ToString(),
        PackRef = bound.Binding.PackRef,
        Answers = told,
    };

    private async Task<Outcome<ImmutableSortedDictionary<string, JsonElement>>> PackAsync(PackQuestions pack, CancellationToken cancellationToken)
    {
        var settings = scene.Deployment?.ConfigOverrides?.GetValueOrDefault(pack.Pack) ?? ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (question, isSecret) in pack.Questions)
        {
            var given = answers.Find(pack.Pack, question.Id);
            if (isSecret)
            {
                if (await SecretAsync(pack, question, given, cancellationToken) is { } refused)
                {
                    return refused;
                }

                continue;
            }

            if (!(await SettingAsync(pack, question, given, settings.TryGetValue(question.Id, out var before) ? before : null, cancellationToken)).TryGet(out var setting, out var refusal))
            {
                return refusal;
            }

            settings = setting.ValueKind == JsonValueKind.Undefined ? settings : settings.SetItem(question.Id, setting);
        }

        return settings;
    }

    /// <summary>The value of one setting; undefined when it has none.</summary>
    private async Task<Outcome<JsonElement>> SettingAsync(PackQuestions pack, Question question, JsonElement? given, JsonElement? before, CancellationToken cancellationToken)
    {
        var at = $"packs.{pack.Pack}.{question.Id}";
        if (given is { } value)
        {
            return value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                ? new Refusal.InvalidArgument($"{at} must be a text, a number, true or false")
                : FindFault(question, SettingValue.Text(value)) is { } fault ? new Refusal.InvalidArgument($"{at}: {fault}") : value;
        }

        var known = before is { } kept ? SettingValue.Text(kept) : null;
        if (Asks(question, known))
        {
            asking!.Head($"{pack.Title} (pack {pack.Pack})", null);
            return (await asking.AskAsync(question, known ?? question.DefaultValue, FindFault, cancellationToken)).Then(answer => (Outcome<JsonElement>)SettingValue.Of(question, answer));
        }

        if (question.Required && (known ?? question.DefaultValue) is null)
        {
            Lacks(at, question.Title);
        }

        return before ?? SettingValue.Of(question, question.DefaultValue ?? "");
    }

    private string? FindFault(Question question, string answer) => SettingValue.FindFault(question, answer, scene.At.Environment);

    /// <summary>Notes the secret of a question: the variable that holds it, or that a person is to paste it. One that is stored already stays.</summary>
    private async Task<Refusal?> SecretAsync(PackQuestions pack, Question question, JsonElement? given, CancellationToken cancellationToken)
    {
        var (at, path) = ($"packs.{pack.Pack}.{question.Id}", scene.SecretPath(pack.Pack, question.Id));
        if (given is { } answer)
        {
            if (answer.ValueKind != JsonValueKind.Object)
            {
                return new Refusal.InvalidArgument($"{at} is a secret, and its value is not taken in answers, which are files that get shared")
                {
                    Details = [new("expected", "{\"from_env\": \"VARIABLE\"}, the variable that holds it")],
                };
            }

            if (!PayloadReader.Read(answer, SetupJson.Default.SecretAnswer, $"{at}: {{\"from_env\": \"VARIABLE\"}}").TryGet(out var source, out var refusal))
            {
                return refusal;
            }

            if (variable(source.FromEnv) is { Length: > 0 })
            {
                _secrets.Add(new ManifestSecret { Path = path, FromEnv = source.FromEnv });
            }
            else if (!scene.Stored.Contains(path))
            {
                Lacks(at, $"{question.Title}: the variable that from_env names is not set");
            }

            return null;
        }

        if (scene.Stored.Contains(path))
        {
            return null;
        }

        if (!Asks(question, null))
        {
            if (question.Required)
            {
                Lacks(at, $"{question.Title} (a secret: {{\"from_env\": \"VARIABLE\"}})");
            }

            return null;
        }

        asking!.Head($"{pack.Title} (pack {pack.Pack})", null);
        if (question.Required || await asking.WantsAsync(question, cancellationToken))
        {
            _secrets.Add(new ManifestSecret { Path = path });
        }

        return null;
    }

    private async Task<Outcome<string>> CustomerAsync(CancellationToken cancellationToken)
    {
        if (!scene.NeedsCustomer || answers.CustomerId is not null)
        {
            return answers.CustomerId ?? "";
        }

        var question = new Question { Id = "customer_id", Title = "Who is billed", Required = true };
        if (asking is not null)
        {
            return await asking.AskAsync(question, null, cancellationToken);
        }

        Lacks(question.Id, question.Title);
        return "";
    }

    /// <summary>Beside an answers file only what cannot do without an answer is asked.</summary>
    private bool Asks(Question question, string? known) => asking is not null && (!asking.OnlyRequired || (question.Required && known is null));

    private void Lacks(string key, string what) => _missing.Add(new(key, what));

    private Refusal.InvalidArgument Missing() => new($"{_missing.Count} answer(s) are missing, and nobody can be asked: there is no terminal, or --non-interactive was given")
    {
        Details = [.. _missing],
        Next = scene.Bundle is { } bundle ? $"gtc setup {bundle.Path} --env {scene.At.Environment} --emit-answers answers.json" : $"gtc setup --env {scene.At.Environment} --emit-answers answers.json",
    };

    private static Refusal.InvalidArgument Unknown(string key, IEnumerable<string> known) => new($"`{key}` is not asked for here")
    {
        Details = [new("expected", known.Any() ? string.Join(", ", known) : "nothing is asked")],
    };
}
