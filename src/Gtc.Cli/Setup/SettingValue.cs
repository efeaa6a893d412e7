using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Setup;

/// <summary>The value of a setting as a person types it, and as it stands in the deployment's settings.</summary>
internal static class SettingValue
{
    /// <summary>As it is shown and typed.</summary>
    public static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>As it is kept; undefined when nothing was answered.</summary>
    public static JsonElement Of(Question question, string answer)
    {
        if (answer.Length == 0)
        {
            return default;
        }

        var isLiteral = !IsReference(answer) && (question.Type == QuestionType.Flag || (question.AlsoNumber && decimal.TryParse(answer, CultureInfo.InvariantCulture, out _)));
        return JsonElement.Parse(isLiteral ? answer : JsonValue.Create(answer).ToJsonString());
    }

    /// <summary>What is wrong with an answer; null when it fits. It may also be a reference to what the deployer finds out, which is looked up whenever a component reads the setting.</summary>
    public static string? FindFault(Question question, string answer, EnvId environment) => !IsReference(answer) ? SetupAsking.FindFault(question, answer)
        : References.DiscoveredKey(answer, environment.ToString()) is null ? $"a reference is {References.RuntimeScheme}{environment}/discovered/ and a key"
        : null;

    private static bool IsReference(string answer) => answer.StartsWith(References.RuntimeScheme, StringComparison.Ordinal);
}
