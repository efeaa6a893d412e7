using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Revisions run as task sets of Amazon ECS: questions, answers and what they need (env-packs.md §9.3).</summary>
internal sealed class AwsEcsPack : IEnvPackHandler
{
    private const string Path = "greentic.deployer.aws-ecs";
    private const string RolePattern = "^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$";
    private const string ListenerPattern = "^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:listener/.+$";
    private const int MaxTargetGroupName = 32;

    private static readonly string[] Actions =
    [
        "sts:GetCallerIdentity", "iam:SimulatePrincipalPolicy", "ecs:DescribeServices", "ecs:ListServices", "ecs:CreateService", "ecs:UpdateService",
        "ecs:RegisterTaskDefinition", "ecs:CreateTaskSet", "ecs:DescribeTaskSets", "ecs:DeleteTaskSet", "ecs:DeregisterTaskDefinition", "ecr:PutImage",
        "iam:PassRole", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:ModifyListener", "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:CreateRule", "elasticloadbalancing:ModifyRule", "elasticloadbalancing:AddTags", "elasticloadbalancing:DescribeTags",
    ];

    public CapabilitySlot Slot => CapabilitySlot.Deployer;

    public string DescriptorPath => Path;

    public VersionRange SupportedVersions { get; } = VersionRange.Parse(">=1.0.0-dev, <2.0.0");

    public IDeployerCredentials Credentials { get; } = new UncheckedCredentials(
        "AWS",
        "default/_/aws-deployer/deployer_session",
        [new("aws.sts.caller-identity", "AWS knows the caller"), .. Actions.Select(action => new Capability($"aws.iam.allow:{action}", $"may call {action}"))]);

    public QuestionForm Questions { get; } = new()
    {
        Id = $"{Path}.wizard",
        Title = "Workers on Amazon ECS",
        Presentation = new("Revisions run as task sets behind an application load balancer."),
        Questions =
        [
            new() { Id = "region", Title = "Region", Required = true, Constraint = new() { Pattern = "^[a-z]{2}(-[a-z]+)+-[0-9]$" } },
            new() { Id = "aws_profile", Title = "Profile of the AWS configuration" },
            new() { Id = "assume_role_arn", Title = "Role to assume", Constraint = new() { Pattern = RolePattern } },
            new() { Id = "ecs_cluster_name", Title = "ECS cluster", Required = true, Constraint = new() { Pattern = "^[a-zA-Z0-9_-]+$", MinLen = 1, MaxLen = 255 } },
            new() { Id = "ecr_repository_prefix", Title = "Prefix of the ECR repositories", Required = true, Constraint = new() { Pattern = "^[a-zA-Z0-9._/-]+$", MinLen = 1 } },
            new() { Id = "alb_listener_arn", Title = "Listener of the load balancer", Constraint = new() { Pattern = ListenerPattern } },
            new() { Id = "alb_routing_host", Title = "Host that is routed", Constraint = new() { MinLen = 1 } },
            new() { Id = "alb_routing_path", Title = "Path that is routed", Constraint = new() { Pattern = "^/.*" } },
            new() { Id = "container_image_tag_prefix", Title = "Prefix of image tags", DefaultValue = "rev-", Constraint = new() { Pattern = "^[a-zA-Z0-9_.-]*$" } },
            new() { Id = "execution_role_arn", Title = "Execution role", Required = true, Constraint = new() { Pattern = RolePattern } },
            new() { Id = "task_role_arn", Title = "Task role", Constraint = new() { Pattern = RolePattern } },
            new() { Id = "subnets", Title = "Subnets", Description = "Comma separated.", Required = true, Constraint = new() { Pattern = @"^subnet-[a-z0-9]+(\s*,\s*subnet-[a-z0-9]+)*$" } },
            new() { Id = "security_groups", Title = "Security groups", Description = "Comma separated.", Required = true, Constraint = new() { Pattern = @"^sg-[a-z0-9]+(\s*,\s*sg-[a-z0-9]+)*$" } },
            new() { Id = "assign_public_ip", Type = QuestionType.Choice, Title = "Public addresses for tasks", DefaultValue = "false", Choices = ["false", "true"] },
            new() { Id = "cpu", Title = "CPU units", DefaultValue = "256", Constraint = new() { Pattern = "^[0-9]+$" } },
            new() { Id = "memory", Title = "Memory, MiB", DefaultValue = "512", Constraint = new() { Pattern = "^[0-9]+$" } },
            new() { Id = "container_name", Title = "Name of the container", DefaultValue = "worker", Constraint = new() { Pattern = "^[a-zA-Z0-9_-]{1,255}$" } },
            new() { Id = "container_port", Title = "Port of the container", DefaultValue = "8080", Constraint = new() { Pattern = "^[0-9]{1,5}$" } },
            new() { Id = "target_group_arns", Title = "Target groups", Description = $"Comma separated; ARNs, or names of at most {MaxTargetGroupName} characters." },
        ],
    };

    public string? FindFault(PackAnswers answers)
    {
        if (!ushort.TryParse(answers.Get("container_port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            return $"`container_port` is `{answers.Get("container_port")}`, a port from 1 to 65535 was expected";
        }

        return answers.Get("target_group_arns")?.Split(',', StringSplitOptions.TrimEntries).FirstOrDefault(group => !IsTargetGroup(group)) is { } wrong
            ? $"`target_group_arns` holds `{wrong}`, an ARN or a name of at most {MaxTargetGroupName} characters was expected"
            : null;
    }

    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) =>
    [
        ToolProbes.Version(KnownTools.Aws, setting.Tools),
        ToolProbes.AwsCallerIdentity(setting.Tools, setting.Answers.Get("aws_profile"), setting.Answers.Get("region")),
    ];

    private static bool IsTargetGroup(string text) => text.Length > 0 && (text.StartsWith("arn:aws", StringComparison.Ordinal) || text.Length <= MaxTargetGroupName);
}
