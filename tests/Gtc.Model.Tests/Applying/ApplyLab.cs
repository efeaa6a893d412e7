using System.Collections.Immutable;
using System.Text;

namespace Gtc.Model.Tests.Applying;

/// <summary>An environment, the world around it, and what an apply does to both.</summary>
internal sealed class ApplyLab
{
    private byte _minted = 100;

    public EnvironmentDocument? Document { get; set; }

    public ApplyFacts Facts { get; set; } = new() { Variables = ["BOT"] };

    public static Sha256Digest Digest(char digit) => Sha256Digest.TryParse(Sha256Digest.Prefix + new string(digit, 64), out var digest) ? digest : throw new InvalidOperationException("Not a hex digit.");

    public static EnvManifest Manifest(string json) => Gtc.Model.Manifests.Parse(Encoding.UTF8.GetBytes(json)).Value;

    public static string Local(string sections) => $$"""{"schema":"greentic.env-manifest.v1","environment":{"id":"local"},{{sections}}}""";

    public ApplyLab With(string path, char digit)
    {
        Facts = Facts with { Artifacts = Facts.Artifacts.SetItem(path, new ResolvedArtifact(Digest(digit), [new PackListEntry { PackId = "app", Version = "1.0.0", Digest = Digest(digit).ToString() }])) };
        return this;
    }

    public Outcome<ApplyPlan> TryPlan(string manifest) => ManifestDiff.Plan(Document, Manifest(manifest), Facts, () => Ulid.From(Sample.Now, [0, 0, 0, 0, 0, 0, 0, 0, 2, _minted++]));

    public ApplyPlan Plan(string manifest) => TryPlan(manifest).Value;

    /// <summary>Plans and does everything, effects included.</summary>
    public ApplyPlan Apply(string manifest)
    {
        var plan = Plan(manifest);
        plan.RefuseMissing().ShouldBeNull();
        Document = plan.After(Document, Sample.Now).Value;
        EnvironmentRules.Validate(Document).ShouldBeNull();
        foreach (var step in plan.Steps)
        {
            Facts = step switch
            {
                ApplyStep.BootstrapTrustRoot => Facts with { IsTrustRootBootstrapped = true },
                ApplyStep.TrustDid did => Facts with { TrustedDids = Facts.TrustedDids.Add(did.Did) },
                ApplyStep.ConfigureUpdates updates => Facts with { UpdateChannel = updates.Channel },
                ApplyStep.BindPack { Answers: { } answers } bind => Stored(bind.Binding.AnswersRef!, answers),
                ApplyStep.BindExtension { Answers: { } answers } bind => Stored(bind.Binding.AnswersRef!, answers),
                _ => Facts,
            };
        }

        return plan;
    }

    private ApplyFacts Stored(string place, StagedAnswers answers) => Facts with
    {
        StoredAnswers = Facts.StoredAnswers.SetItem(place, answers.File is { } file ? Facts.AnswersFiles[file] : CanonicalJson.Digest(answers.Inline)),
    };
}
